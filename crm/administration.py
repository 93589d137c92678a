"""The app of Django's admin, with the site's own rules about who may use it."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    """Django's admin, served by `salespeople.administration.AdministrationSite`."""

    default_site = "salespeople.administration.AdministrationSite"
    default = False

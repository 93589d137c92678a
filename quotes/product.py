"""What is sold: products, to choose from on the lines of a quote."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from crm.fields import percent_field, sort_key_field, within_hundred


class ProductQuerySet(models.QuerySet["Product"]):
    """The vocabulary of questions about products."""

    def usable(self) -> "ProductQuerySet":
        """Return those that may be chosen for a new line."""
        return self.filter(is_blocked=False)


class Product(models.Model):
    """A product or service with its usual price, in the site's currency, without VAT."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_sort = sort_key_field("name")
    unit = models.CharField(
        _("unit"), max_length=20, blank=True, help_text=_("For example: pc, hour, month.")
    )
    price = models.DecimalField(
        _("unit price"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("Without VAT."),
    )
    vat_percent = percent_field(_("VAT %"))
    is_blocked = models.BooleanField(
        _("blocked"),
        default=False,
        help_text=_("Not for new lines; quotes that name it stay as they are."),
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("name_sort", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(number=Upper("number")) & ~Q(number=""),
                name="product_number_upper",
                violation_error_message=_("A number is written in capital letters."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="product_has_a_name"),
            models.CheckConstraint(condition=Q(price__gte=0), name="product_price_not_negative"),
            models.CheckConstraint(
                condition=within_hundred("vat_percent"), name="product_vat_within_hundred"
            ),
        ]

    def __str__(self) -> str:
        return self.name

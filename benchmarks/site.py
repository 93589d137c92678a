"""The site as it is measured: the product's settings, and the floor beside its pages."""

from crm.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"

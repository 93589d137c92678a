"""Every message of code and templates is translated, with the same placeholders."""

import importlib.util
from types import ModuleType

from django.conf import settings


def messages() -> ModuleType:
    """Return the program bin/messages.py."""
    spec = importlib.util.spec_from_file_location(
        "messages", settings.BASE_DIR / "bin" / "messages.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_is_untranslated() -> None:
    assert messages().check() == []

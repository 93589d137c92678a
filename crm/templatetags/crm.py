"""Data as words, badges and icons."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template.defaultfilters import stringfilter
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from crm import dates
from crm import money as amounts

register = template.Library()
COLOURS = {
    "not_started": "secondary",
    "in_progress": "blue",
    "won": "green",
    "lost": "red",
    "draft": "secondary",
    "sent": "blue",
    "accepted": "green",
    "declined": "red",
    "expired": "orange",
    "waiting": "orange",
    "postponed": "orange",
    "completed": "green",
    "cancelled": "secondary",
}
AVATAR_COLOURS = 8
MOST_INITIALS = 2


@register.filter
def money(amount: Decimal | None) -> str:
    """Return the amount with its currency, without decimals where they are 0; a dash for none."""
    return "–" if amount is None else amounts.format_money_brief(amount)


@register.filter
def money_exact(amount: Decimal | None) -> str:
    """Return the amount with its currency and all its decimals: "NOK 18,000.00"."""
    return "–" if amount is None else amounts.format_money(amount)


@register.filter
def money_plain(amount: Decimal | None) -> str:
    """Return the amount with two decimals, without the currency: for tables that name it once."""
    return "–" if amount is None else amounts.format_amount(amount)


@register.filter
def quantity(value: Decimal | None) -> str:
    """Return a number with the decimals that it has: "1", "2.5", "1,200"."""
    return "–" if value is None else amounts.format_quantity(value)


@register.filter
def money_compact(amount: Decimal | None) -> str:
    """Return a rough amount with its currency: "kr 1.2M"."""
    return "–" if amount is None else amounts.format_money_compact(amount)


@register.filter
def compact(amount: Decimal | None) -> str:
    """Return a rough number without its currency: "1.2M"."""
    return "–" if amount is None else amounts.format_compact(amount)


@register.filter
def percent(value: Decimal | None, decimals: int = 0) -> str:
    """Return a percentage of 0–100; a dash for none."""
    return "–" if value is None else amounts.format_percent(value, decimals)


@register.filter
def share(value: Decimal | None) -> str:
    """Return a percentage with the decimals that it has, at most 2: "40%", "12.5%"."""
    if value is None:
        return "–"
    rounded = amounts.half_up(value, 2).normalize()
    return amounts.format_percent(value, max(0, -int(rounded.as_tuple().exponent)))


@register.filter
def fraction(value: float | None, decimals: int = 0) -> str:
    """Return a part of one (0–1) as a percentage: "59%"."""
    return percent(None if value is None else Decimal(str(value)) * 100, decimals)


@register.filter
def number(value: int | Decimal | None) -> str:
    """Return a number with the locale's separators."""
    return "–" if value is None else str(number_format(value, use_l10n=True, force_grouping=True))


@register.filter
def day(value: date | None) -> str:
    """Return a date as the locale writes it, short; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = dates.site_date(value)
    return _day_text(value, get_language() or "")


@lru_cache(maxsize=10_000)
def _day_text(value: date, language: str) -> str:
    """Return the day as `language`, which is the active one, writes it."""
    return date_format(value, "SHORT_DATE_FORMAT")


@register.filter
def ago(value: date | datetime | None) -> SafeString:
    """Return how far a day is from today, with the exact one on hover."""
    if value is None:
        return mark_safe("–")
    exact = date_format(value, "DATETIME_FORMAT" if isinstance(value, datetime) else "DATE_FORMAT")
    on = dates.site_date(value) if isinstance(value, datetime) else value
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, dates.relative(on)
    )


@register.filter
def days(count: int | None) -> str:
    """Return a length in days: "1 day", "45 days"."""
    return "–" if count is None else dates.span(count)


@register.filter
def duration(value: timedelta | None) -> str:
    """Return a length in hours and minutes: "25 min", "1 h 5 min", "2 h"; a dash for none."""
    return "–" if value is None else dates.hours(value)


@register.filter
@stringfilter
def initials(name: str) -> str:
    """Return the first letters of the first and the last word."""
    words = name.split()
    chosen = words if len(words) <= MOST_INITIALS else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


@register.filter
def undo_target(tags: str) -> dict[str, Any]:
    """Return where a receipt's Undo is sent, and with which fields, from the message's tags.

    The tag names the address, its row, and the fields:
    `undo:opportunities:undo:17:entry=5:seen=3`.
    """
    tag = next(word for word in tags.split() if word.startswith("undo:"))
    room, verb, pk, *fields = tag.split(":")[1:]
    url = reverse(f"{room}:{verb}", args=[pk] if pk else [])
    return {"url": url, "fields": [field.partition("=")[::2] for field in fields]}


@register.filter
def offer_target(tags: str) -> str:
    """Return the interaction from which a receipt offers to create an opportunity."""
    return next(word for word in tags.split() if word.startswith("offer:")).partition(":")[2]


@register.filter
def next_target(tags: str) -> dict[str, str]:
    """Return the task and the opportunity whose next task a receipt asks for, from its tags."""
    tag = next(word for word in tags.split() if word.startswith("next:"))
    return dict(zip(("task", "opportunity"), tag.split(":")[1:], strict=True))


@register.filter
def item(mapping: Mapping[Any, Any], key: Any) -> Any:
    """Return what a mapping holds under a key; None for nothing."""
    return mapping.get(key)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon of static/icons.txt; with a label it speaks, without it is silent."""
    return _icon(name, str(label))


@lru_cache(maxsize=1_000)
def _icon(name: str, label: str) -> SafeString:
    sprite = static("icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>',
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', sprite, name
    )


@register.simple_tag
def status_badge(row: Any) -> SafeString:
    """Return the status of an opportunity, an entry or a quote as a badge."""
    colour = COLOURS.get(row.status, "secondary")
    return format_html('<span class="badge bg-{}-lt">{}</span>', colour, row.get_status_display())


@register.simple_tag
def avatar(person: Any, size: str = "sm") -> SafeString:
    """Return the initials of a person in a colour of his or her own, with the name on hover."""
    return format_html(
        '<span class="avatar avatar-{} avatar-tone-{}" title="{}" role="img" aria-label="{}">'
        "{}</span>",
        size,
        (person.pk or 0) % AVATAR_COLOURS,
        person,
        person,
        initials(str(person)),
    )


@register.simple_tag(takes_context=True)
def nav_state(context: dict[str, Any], prefix: str) -> SafeString:
    """Return the attributes of a menu entry when the page lies below its address."""
    path = context["request"].path
    try:
        root = reverse(prefix)
    except NoReverseMatch:
        root = prefix
    is_here = path == root if root == "/" else path.startswith(root)
    return mark_safe('aria-current="page"' if is_here else "")  # noqa: S308 - constants


@register.simple_tag(takes_context=True)
def same_as(context: Any, name: str) -> SafeString:
    """Return what another block of the page says: the heading repeats the title."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    text: str = block.nodelist.render(context) if block else ""
    return mark_safe(text.strip())  # noqa: S308 - rendered by the template engine

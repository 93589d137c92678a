"""The house rules that no single page would notice: rights, names, templates, translations."""

import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from contacts import segments, tags
from contacts.models import Contact, Segment
from crm.dates import today
from lists import running
from lists.models import SavedView
from notices import telling
from notices.kinds import USUAL, Kind
from opportunities import lifecycle, people, tagging
from opportunities.history import ICONS
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import Opportunity
from salespeople import calendar_address
from salespeople.models import Salesperson, Team, User
from tasks import interactions
from tests.factories import (
    CampaignFactory,
    CompanyFactory,
    PersonFactory,
    QuoteFactory,
    SalesCycleFactory,
    SalespersonFactory,
    TeamMembershipFactory,
    UserFactory,
    make_task,
)
from tests.files.test_attach import attach
from tests.opportunities.pages import STAGES, at_stage, deleted, signed_in, won

ROOT = Path(settings.BASE_DIR)
ROOMS = (
    "crm", "lists", "notices", "salespeople", "changes", "contacts", "salescycles", "files",
    "tasks", "opportunities", "quotes", "analytics", "search", "interchange", "demo",
)  # fmt: skip
TEMPLATES = sorted(ROOT.glob("templates/**/*.html")) + sorted(ROOT.glob("templates/**/*.txt"))

# Whose rows only a door writes, and whose rows Django admin (or an ordinary form) may write.
DOOR_ONLY = {
    "Opportunity", "OpportunityEntry", "OpportunityContact", "Snooze", "BoardChange", "Purge",
    "Contact", "Quote",
    "Task", "TaskAttendee", "Interaction", "Campaign", "Segment", "SegmentMember", "Notice",
    "NoticeRecord",
    "Target", "Change",
    "SavedView", "ListPreference", "BulkRun",
    "QuoteLine", "Attachment", "QuoteDocument",
    "Adjustment", "AdoptedChance", "ReviewMark", "Question",
    "TotalChange", "KeptTotal", "GroupTotal",
}  # fmt: skip
OPEN = {
    "User", "Salesperson", "Team", "TeamMembership", "Industry",
    "SalesCycle", "SalesCycleStage", "CloseReason", "Activity", "ActivityStep", "Tag",
    "Product", "MailTemplate", "NoticeChoice", "SiteSettings",
}  # fmt: skip

# What each address answers to GET: signed out, a salesperson of another team (charlie), the
# salesperson whose rows they are (bob), a manager who sees all (alice), an administrator (dora).
SIGN_IN = 302
RIGHTS: dict[str, tuple[int, int, int, int, int]] = {
    "my_day": (SIGN_IN, 200, 200, 200, 200),
    "pipeline": (SIGN_IN, 200, 200, 200, 200),
    "pipeline?group=salesperson": (SIGN_IN, 200, 200, 200, 200),
    "pipeline?group=month": (SIGN_IN, 200, 200, 200, 200),
    "pipeline_changes": (SIGN_IN, 200, 200, 200, 200),
    "arrange": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:list": (SIGN_IN, 200, 200, 200, 200),
    "opportunities:list?deleted=1": (SIGN_IN, 403, 403, 200, 200),
    "opportunities:create": (SIGN_IN, 200, 200, 200, 200),
    "opportunities:add": (SIGN_IN, 200, 200, 200, 200),
    "opportunities:detail": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:activate": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:move": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:update": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:win": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:lose": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:reopen": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:reassign": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:edit": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:delete": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:restore": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:undo": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:ask": (SIGN_IN, 404, 403, 200, 200),
    "opportunities:answer": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:unask": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:suggest": (SIGN_IN, 200, 200, 200, 200),
    "tasks:list": (SIGN_IN, 200, 200, 200, 200),
    "tasks:create": (SIGN_IN, 200, 200, 200, 200),
    "tasks:assign_activity": (SIGN_IN, 200, 200, 200, 200),
    "tasks:suggest": (SIGN_IN, 200, 200, 200, 200),
    "tasks:calendar": (SIGN_IN, 200, 200, 200, 200),
    "tasks:feed": (200, 200, 200, 200, 200),
    "tasks:cancel_many": (SIGN_IN, 405, 405, 405, 405),
    "tasks:detail": (SIGN_IN, 404, 200, 200, 200),
    "tasks:edit": (SIGN_IN, 404, 200, 200, 200),
    "tasks:complete": (SIGN_IN, 404, 200, 200, 200),
    "tasks:cancel": (SIGN_IN, 404, 200, 200, 200),
    "tasks:reschedule": (SIGN_IN, 404, 200, 200, 200),
    "tasks:assign": (SIGN_IN, 404, 200, 200, 200),
    "tasks:start": (SIGN_IN, 405, 405, 405, 405),
    "tasks:reopen": (SIGN_IN, 405, 405, 405, 405),
    "tasks:take": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:snooze": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:tag": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:untag": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:add_person": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:change_person": (SIGN_IN, 404, 200, 200, 200),
    "opportunities:remove_person": (SIGN_IN, 405, 405, 405, 405),
    "changes:undo": (SIGN_IN, 404, 200, 200, 200),
    "files:attach": (SIGN_IN, 404, 200, 200, 200),
    "files:download": (SIGN_IN, 404, 200, 200, 200),
    "files:remove": (SIGN_IN, 405, 405, 405, 405),
    "files:restore": (SIGN_IN, 405, 405, 405, 405),
    "interactions:list": (SIGN_IN, 200, 200, 200, 200),
    "interactions:create": (SIGN_IN, 200, 200, 200, 200),
    "interactions:create?opportunity": (SIGN_IN, 404, 200, 200, 200),
    "interactions:write": (SIGN_IN, 404, 200, 200, 200),
    "interactions:keep": (SIGN_IN, 404, 200, 200, 200),
    "interactions:detail": (SIGN_IN, 404, 200, 200, 200),
    "interactions:cancel": (SIGN_IN, 405, 405, 405, 405),
    "interactions:restore": (SIGN_IN, 405, 405, 405, 405),
    "quotes:list": (SIGN_IN, 200, 200, 200, 200),
    "quotes:create": (SIGN_IN, 404, 200, 200, 200),
    "quotes:detail": (SIGN_IN, 404, 200, 200, 200),
    "quotes:edit": (SIGN_IN, 404, 302, 302, 302),
    "quotes:send": (SIGN_IN, 404, 200, 200, 200),
    "quotes:pdf": (SIGN_IN, 404, 200, 200, 200),
    "quotes:revision": (SIGN_IN, 404, 200, 200, 200),
    "quotes:change_status": (SIGN_IN, 405, 405, 405, 405),
    "contacts:list": (SIGN_IN, 200, 200, 200, 200),
    "contacts:create": (SIGN_IN, 200, 200, 200, 200),
    "contacts:detail": (SIGN_IN, 200, 200, 200, 200),
    "contacts:edit": (SIGN_IN, 200, 200, 200, 200),
    "contacts:delete": (SIGN_IN, 200, 200, 200, 200),
    "contacts:change_kind": (SIGN_IN, 200, 200, 200, 200),
    "contacts:block": (SIGN_IN, 405, 405, 405, 405),
    "contacts:unblock": (SIGN_IN, 405, 405, 405, 405),
    "contacts:tag": (SIGN_IN, 200, 200, 200, 200),
    "contacts:untag": (SIGN_IN, 405, 405, 405, 405),
    "contacts:suggest_tags": (SIGN_IN, 200, 200, 200, 200),
    "contacts:suggest": (SIGN_IN, 200, 200, 200, 200),
    "contacts:suggest_companies": (SIGN_IN, 200, 200, 200, 200),
    "campaigns:list": (SIGN_IN, 200, 200, 200, 200),
    "campaigns:create": (SIGN_IN, 200, 200, 200, 200),
    "campaigns:detail": (SIGN_IN, 200, 200, 200, 200),
    "campaigns:edit": (SIGN_IN, 403, 200, 200, 200),
    "campaigns:activate": (SIGN_IN, 405, 405, 405, 405),
    "campaigns:deactivate": (SIGN_IN, 405, 405, 405, 405),
    "campaigns:delete": (SIGN_IN, 403, 200, 200, 200),
    "segments:list": (SIGN_IN, 200, 200, 200, 200),
    "segments:create": (SIGN_IN, 200, 200, 200, 200),
    "segments:add_matching": (SIGN_IN, 200, 200, 200, 200),
    "segments:detail": (SIGN_IN, 200, 200, 200, 200),
    "segments:edit": (SIGN_IN, 403, 200, 200, 200),
    "segments:delete": (SIGN_IN, 403, 200, 200, 200),
    "segments:add": (SIGN_IN, 403, 200, 200, 200),
    "segments:paste": (SIGN_IN, 403, 200, 200, 200),
    "segments:remove": (SIGN_IN, 405, 405, 405, 405),
    "opportunities:create_many": (SIGN_IN, 200, 200, 200, 200),
    "opportunities:undo_act": (SIGN_IN, 404, 200, 200, 200),
    "analytics:pipeline": (SIGN_IN, 403, 403, 200, 200),
    "analytics:bridge": (SIGN_IN, 403, 403, 200, 200),
    "analytics:bridge_rows?bar=won": (SIGN_IN, 403, 403, 200, 200),
    "analytics:review": (SIGN_IN, 403, 403, 200, 200),
    "analytics:review_rows": (SIGN_IN, 403, 403, 200, 200),
    "analytics:mark": (SIGN_IN, 405, 405, 405, 405),
    "analytics:unmark": (SIGN_IN, 405, 405, 405, 405),
    "salespeople:list": (SIGN_IN, 200, 200, 200, 200),
    "salespeople:detail": (SIGN_IN, 404, 200, 200, 200),
    "salespeople:mention": (SIGN_IN, 200, 200, 200, 200),
    "salespeople:teams": (SIGN_IN, 200, 200, 200, 200),
    "salespeople:team": (SIGN_IN, 404, 200, 200, 200),
    "salespeople:targets": (SIGN_IN, 403, 403, 200, 200),
    "salespeople:import_targets": (SIGN_IN, 403, 403, 200, 200),
    "salespeople:export_targets": (SIGN_IN, 403, 403, 200, 200),
    "search:find": (SIGN_IN, 200, 200, 200, 200),
    "search:find?q=company": (SIGN_IN, 200, 200, 200, 200),
    "search:suggest": (SIGN_IN, 200, 200, 200, 200),
    "search:suggest?q=company": (SIGN_IN, 200, 200, 200, 200),
    "keys": (SIGN_IN, 200, 200, 200, 200),
    "analytics:index": (SIGN_IN, 403, 403, 200, 200),
    "analytics:chances": (SIGN_IN, 403, 403, 200, 200),
    "analytics:forecast": (SIGN_IN, 403, 403, 200, 200),
    "analytics:cohorts": (SIGN_IN, 403, 403, 200, 200),
    "analytics:times": (SIGN_IN, 403, 403, 200, 200),
    "analytics:wins": (SIGN_IN, 403, 403, 200, 200),
    "analytics:funnel": (SIGN_IN, 403, 403, 200, 200),
    "analytics:matrix": (SIGN_IN, 403, 403, 200, 200),
    "analytics:matrix?show=contact": (SIGN_IN, 403, 403, 200, 200),
    "analytics:adjust": (SIGN_IN, 403, 403, 200, 200),
    "analytics:adopt": (SIGN_IN, 405, 405, 405, 405),
    "analytics:revert": (SIGN_IN, 405, 405, 405, 405),
    "notices:list": (SIGN_IN, 200, 200, 200, 200),
    "notices:detail": (SIGN_IN, 404, 200, 404, 404),
    "notices:read": (SIGN_IN, 405, 405, 405, 405),
    "notices:read_all": (SIGN_IN, 405, 405, 405, 405),
    "notices:settings": (SIGN_IN, 200, 200, 200, 200),
    "lists:views": (SIGN_IN, 200, 200, 200, 200),
    "lists:save": (SIGN_IN, 200, 200, 200, 200),
    "lists:edit": (SIGN_IN, 404, 200, 404, 404),
    "lists:keep": (SIGN_IN, 405, 405, 405, 405),
    "lists:move": (SIGN_IN, 405, 405, 405, 405),
    "lists:delete": (SIGN_IN, 405, 405, 405, 405),
    "lists:open_first": (SIGN_IN, 405, 405, 405, 405),
    "lists:build": (SIGN_IN, 200, 200, 200, 200),
    "lists:columns": (SIGN_IN, 200, 200, 200, 200),
    "lists:choose": (SIGN_IN, 405, 405, 405, 405),
    "lists:bulk": (SIGN_IN, 404, 200, 404, 404),
    "lists:bulk_undo": (SIGN_IN, 405, 405, 405, 405),
    "interchange:export": (SIGN_IN, 200, 200, 200, 200),
    "accounts:login": (200, 302, 302, 302, 302),
    "accounts:logout": (SIGN_IN, 405, 405, 405, 405),
    "accounts:profile": (SIGN_IN, 200, 200, 200, 200),
    "accounts:calendar": (SIGN_IN, 405, 405, 405, 405),
    "accounts:preference": (SIGN_IN, 405, 405, 405, 405),
    "accounts:password_change": (SIGN_IN, 200, 200, 200, 200),
    "accounts:password_reset": (200, 200, 200, 200, 200),
    "accounts:password_reset_done": (200, 200, 200, 200, 200),
    "accounts:password_reset_confirm": (200, 200, 200, 200, 200),
    "set_language": (302, 302, 302, 302, 302),
}
ADMIN_RIGHTS = (SIGN_IN, 403, 403, 403, 200)


WITHOUT_A_ROW = (
    "list", "create", "teams", "suggest", "suggest_companies", "suggest_tags", "calendar",
    "cancel_many", "assign_activity", "add_matching", "targets", "import_targets", "export_targets",
    "read_all", "settings", "mention",
)  # fmt: skip


WITH_AN_OPPORTUNITY = ("quotes:create", "files:attach", "interactions:write", "interactions:keep")


def tell_all(user: User, rows: list[Opportunity], *, by: User) -> None:
    """Tell a person that all these have been given to him or her."""
    told = [telling.Told(user.pk, row, row.entries.current().get()) for row in rows]
    telling.tell(Kind.ASSIGNED, told, by=by)


class House:
    """Rows for every address, all of them bob's."""

    def __init__(self, bob: User) -> None:
        cycle = SalesCycleFactory(stages=STAGES, is_default=True)
        self.company = CompanyFactory(salesperson=bob.salesperson)
        self.person = PersonFactory(company=self.company)
        self.new = at_stage(bob, 0, sales_cycle=cycle, contact=self.person)
        self.going = at_stage(bob, 2, sales_cycle=cycle, contact=self.company)
        self.won = won(bob)
        self.deleted = deleted(bob)
        self.quote = QuoteFactory(opportunity=self.going)
        self.task = make_task(bob, opportunity=self.going)
        self.interaction = interactions.log(
            by=bob, kind="call", subject="First call", opportunity=self.going
        )
        self.sent = QuoteFactory(opportunity=self.going, status="sent")
        self.file = attach(self.going)
        edited = lifecycle.edit(self.going, by=bob, priority=3)
        self.change = edited.changes.get(verb="edit")
        self.loose = PersonFactory()
        people.add(self.going, self.person, "user", by=bob)
        tagging.add(self.going, "Solar", by=bob)
        self.user = bob
        self.campaign = CampaignFactory(salesperson=bob.salesperson)
        self.segment = segments.create(by=bob, description="Roofs", campaign=self.campaign)
        segments.add(self.segment, Contact.objects.filter(pk=self.loose.pk), by=bob)
        self.salesperson = bob.salesperson
        self.team = bob.salesperson.memberships.get().team
        wanted = [(self.going.pk, self.going.sequence)]
        self.run = running.choose(OPPORTUNITIES, "redate", wanted, by=bob)
        self.colleague = UserFactory(username="colleague")
        tell_all(bob, [self.going], by=self.colleague)
        self.notice = bob.notices.get()
        self.question = self.going.questions.create(
            text="Why is it late?", asked_at=timezone.now(), asked_by=self.colleague
        )
        self.view = SavedView.objects.create(kind="opportunities", owner=bob, name="Bob's own")

    def address(self, name: str) -> str:
        """Return the address of a page with a row for which it is open."""
        name, _, query = name.partition("?")
        room, _, verb = name.partition(":")
        row: dict[str, Any] = {
            "opportunities:activate": self.new,
            "opportunities:delete": self.new,
            "opportunities:reopen": self.won,
            "opportunities:restore": self.deleted,
            "contacts:delete": self.loose,
            "contacts:change_kind": self.loose,
            "salespeople:team": self.team,
        }
        by_room = {
            "opportunities": self.going,
            "interactions": self.interaction,
            "files": self.file,
            "changes": self.change,
            "quotes": self.quote,
            "tasks": self.task,
            "contacts": self.company,
            "campaigns": self.campaign,
            "segments": self.segment,
            "salespeople": self.salesperson,
            "notices": self.notice,
        }
        verbs = ("change_person", "remove_person", "undo_act")
        if verb in verbs or room in ("lists", "interchange"):
            return reverse(name, args=self._arguments(room, verb))
        asked = {
            "opportunities:create_many": f"segment={self.segment.pk}",
            "opportunities:add": f"cycle={self.going.sales_cycle_id}",
        }
        if query == "opportunity" or name in WITH_AN_OPPORTUNITY:
            asked[name] = f"opportunity={self.going.pk}"
        if name in asked:
            return f"{reverse(name)}?{asked[name]}"
        if name == "tasks:feed":
            calendar_address.renew(self.user)
            return reverse(name, args=[calendar_address.token_of(self.user)])
        named = {
            "quotes:revision": [self.sent.pk, 1],
            "analytics:adopt": [self.going.stage.pk],
            "analytics:revert": [1],
            "analytics:unmark": [1],
            "analytics:adjust": [self.salesperson.pk, "2026-11"],
            "accounts:password_reset_confirm": ["x", "y"],
        }
        if name in named:
            return reverse(name, args=named[name])
        if verb in WITHOUT_A_ROW or room not in by_room:
            return reverse(name) + (f"?{query}" if query else "")
        address = reverse(name, args=[row.get(name, by_room[room]).pk])
        return f"{address}?question={self.question.pk}" if verb == "answer" else address

    def _arguments(self, room: str, verb: str) -> list[Any]:
        if verb == "undo_act":
            return [self.going.entries.get(sequence=1).act]
        if room == "opportunities":
            return [self.going.pk, self.person.pk]
        rows = dict.fromkeys(("edit", "keep", "move", "delete"), self.view)
        row = (rows | dict.fromkeys(("bulk", "bulk_undo"), self.run)).get(verb)
        return ["opportunities", *([row.pk] if row else [])]


@pytest.fixture
def house(bob: User) -> House:
    """The rows."""
    return House(bob)


def names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Yield the names of all our addresses, those of the admin aside."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace != "admin":
            yield from names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else "")
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_address_stands_in_the_table_of_rights() -> None:
    assert {name.partition("?")[0] for name in RIGHTS} == set(names(get_resolver()))


@pytest.mark.parametrize("name", RIGHTS)
def test_every_address_for_every_role(
    name: str, house: House, alice: User, bob: User, charlie: User, dora: User
) -> None:
    address = house.address(name)

    found = [Client().get(address).status_code]
    found += [signed_in(user).get(address).status_code for user in (charlie, bob, alice, dora)]

    assert tuple(found) == RIGHTS[name]


def test_signed_out_one_is_led_to_the_sign_in_and_back(house: House) -> None:
    for name, rights in RIGHTS.items():
        if rights[0] == SIGN_IN and name != "set_language":
            address = house.address(name)
            response = Client().get(address)
            assert response["Location"].startswith("/accounts/login/?next="), name


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda m: m.__name__)
def test_the_admin_is_for_administrators(
    model: Any, house: House, alice: User, bob: User, charlie: User, dora: User
) -> None:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    found = [Client().get(address).status_code]
    found += [signed_in(user).get(address).status_code for user in (charlie, bob, alice, dora)]

    assert tuple(found) == ADMIN_RIGHTS


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda m: m.__name__)
def test_what_only_a_door_writes_is_read_only_in_the_admin(
    model: Any, house: House, dora: User
) -> None:
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    client = signed_in(dora)
    row = model._default_manager.first()
    add = client.get(reverse(f"{prefix}_add")).status_code
    change = client.post(reverse(f"{prefix}_change", args=[row.pk]), {}) if row else None

    is_closed = model.__name__ in DOOR_ONLY
    assert add == (403 if is_closed else 200)
    if change is not None and is_closed:
        assert change.status_code == 403


def test_every_model_is_door_only_or_open() -> None:
    ours = {m.__name__ for room in ROOMS for m in apps.get_app_config(room).get_models()}

    assert ours == DOOR_ONLY | OPEN
    assert set() == DOOR_ONLY & OPEN


def test_every_template_is_used() -> None:
    code = "\n".join(p.read_text() for room in ROOMS for p in ROOT.glob(f"{room}/**/*.py"))
    pages = "\n".join(path.read_text() for path in TEMPLATES)
    by_django = {"500.html", "admin/base_site.html", "django/forms/widgets/select_option.html"}
    verbs = {f"{name.partition('?')[0].replace(':', '/')}.html" for name in RIGHTS}
    unused = {
        name
        for path in TEMPLATES
        if (name := str(path.relative_to(ROOT / "templates"))) not in by_django | verbs
        and f'"{name}"' not in code + pages
    }

    assert unused == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_no_template_has_scripts_or_styles_of_its_own(path: Path) -> None:
    text = path.read_text()

    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text) == []


def test_ids_are_written_without_separators() -> None:
    """An id of 1234 is not "1,234" in an address."""
    pattern = r"\{\{ [\w.]*(?:\bpk|_id|\bid|sequence|edits) \}\}"
    found = {str(path): re.findall(pattern, path.read_text()) for path in TEMPLATES}

    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    listed = set((ROOT / "static/icons.txt").read_text().split())
    pages = "\n".join(path.read_text() for path in TEMPLATES)
    used = set(re.findall(r'{% icon "([a-z0-9-]+)"', pages))
    used |= set(re.findall(r'icon(?:_name)?="([a-z0-9-]+)"', pages)) | set(ICONS.values())
    used |= {usual.icon for usual in USUAL.values()}
    search = "\n".join(path.read_text() for path in ROOT.glob("search/*.py"))
    used |= set(re.findall(r'(?:icon=|_Offer\(|Command\()"([a-z0-9-]+)"', search))

    assert used - listed == set()
    assert listed - used == set()


@pytest.mark.parametrize("name", [name for name in RIGHTS if RIGHTS[name][2] == 200])
@pytest.mark.parametrize("parameter", ["unheard", "q2", "%00"])
def test_no_parameter_is_silently_ignored(
    name: str, parameter: str, house: House, bob: User
) -> None:
    if name.startswith("accounts:"):
        return
    address = house.address(name)
    glue = "&" if "?" in address else "?"

    assert signed_in(bob).get(f"{address}{glue}{parameter}=1").status_code == 400


FREE_TEXT = ("note", "description", "name", "text", "answer")
HOSTILE = [
    "",
    "x" * 10_000,
    "-1",
    "9" * 400,
    "NaN",
    "1e999",
    "<script>",
    "\u202e",
    "\x00",
    "' OR 1",
]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("name", [n for n in RIGHTS if n.startswith("opportunities:")])
def test_hostile_forms_are_refused_and_change_nothing(
    name: str, value: str, house: House, bob: User
) -> None:
    """Every field of every form of the journey gets the same nonsense."""
    address = house.address(name)
    client = signed_in(bob)
    page = client.get(address) if RIGHTS[name][2] == 200 else None
    form = page.context.get("form") if page is not None and page.context is not None else None
    if form is None or name == "opportunities:list":
        return
    before = list(Opportunity.objects.order_by("pk").values())
    for field in [name for name in form.fields if name != "next"]:
        seen = form.initial.get("seen", "")
        data = dict.fromkeys(form.fields, "") | {"seen": seen, field: value}
        status = client.post(address, data).status_code
        assert status in (302, 400, 403, 409, 422), (field, status)
        if status == 302:
            assert field in FREE_TEXT or value == "", field
            return
    assert list(Opportunity.objects.order_by("pk").values()) == before


QUERY_COUNTS = json.loads((ROOT / "tests/query_counts.json").read_text())


def fill(bob: User, rows: int) -> None:
    """Add so many rows of everything that a list shows."""
    cycle = Opportunity.objects.earliest("pk").sales_cycle
    team = Team.objects.get(code="NORTH")
    company = Opportunity.objects.filter(contact__kind="company").earliest("pk").contact
    for n in range(rows):
        late = today() - timedelta(days=20)
        opportunity = at_stage(
            bob, 1 + n % 3, sales_cycle=cycle, on=late, estimated_close_on=today(), contact=company
        )
        QuoteFactory(opportunity=opportunity)
        tell_all(bob, [opportunity], by=User.objects.get(username="colleague"))
        make_task(bob, opportunity=opportunity)
        person = PersonFactory(company=company)
        people.add(opportunity, person, "buyer", by=bob)
        tagging.add(opportunity, f"Tag {n % 5}", by=bob)
        tags.add(person, f"Tag {n % 5}", by=bob)
        interactions.log(by=bob, kind="call", subject="Another call", opportunity=opportunity)
        attach(opportunity)
        TeamMembershipFactory(team=team, salesperson=SalespersonFactory())
        campaign = CampaignFactory(salesperson=bob.salesperson)
        segments.create(by=bob, description=f"Segment {n}", campaign=campaign)
        segments.add(Segment.objects.earliest("pk"), Contact.objects.filter(pk=person.pk), by=bob)


@pytest.mark.parametrize("name", QUERY_COUNTS)
def test_the_number_of_queries_is_the_reviewed_one_at_1_and_at_30_rows(
    name: str, house: House, alice: User, bob: User
) -> None:
    client = signed_in(alice if name.startswith("analytics:") else bob)
    address = house.address(name)
    counts = []
    for rows in (1, 29):
        fill(bob, rows)
        Salesperson.objects.filter(user=bob).update(sees="team")
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))

    assert counts == [QUERY_COUNTS[name], QUERY_COUNTS[name]]


MOST_PAGES = 150


@pytest.mark.parametrize("name", ["bob", "alice"])
def test_no_link_is_dead(name: str, house: House, alice: User, bob: User) -> None:
    """From my day on, every link of every page that is reached answers."""
    client = signed_in({"alice": alice, "bob": bob}[name])
    waiting, answers = ["/"], dict.fromkeys(["/"], 0)
    while waiting and len(answers) - len(waiting) < MOST_PAGES:
        address = waiting.pop(0)
        response = client.get(address, follow=True)
        answers[address] = response.status_code
        if response.streaming:
            continue  # a file has no links
        for link in re.findall(r'href="(/[^"#]*|\?[^"#]*)', response.content.decode()):
            target = html.unescape(link if link.startswith("/") else urljoin(address, link))
            if not target.startswith("/static/") and target not in answers:
                answers[target] = 0
                waiting.append(target)

    visited = {address: status for address, status in answers.items() if status}
    assert {address: status for address, status in visited.items() if status != 200} == {}
    assert len(visited) > 40

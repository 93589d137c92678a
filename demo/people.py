"""The twelve salespeople of the demo data, their teams, and who signs in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import Group

from demo.dice import at_work
from salespeople.models import Salesperson, Team, TeamMembership, User
from salespeople.roles import ADMINISTRATOR, MANAGER, SALESPERSON

PASSWORD = "demo"  # noqa: S105 - what README.md tells everybody
DOMAIN = "nordlys.example"
OWN, TEAM, ALL = Salesperson.Sees.OWN, Salesperson.Sees.TEAM, Salesperson.Sees.ALL
DAYS_SINCE_LEAVING = 100

# Code, name, and the salesperson who manages the team; the first team holds the others.
TEAMS = (
    ("NORDLYS", "Nordlys Bygg og Energi", "IHA"),
    ("EAST", "East", "OSA"),
    ("WEST", "West and North", "MOD"),
    ("ABROAD", "Abroad", "DLI"),
)
FOREIGN = "ABROAD"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Somebody who sells; `share` is the number of opportunities of 600."""

    code: str
    name: str
    username: str
    job_title: str
    team: str
    sees: Salesperson.Sees
    share: int
    role: str = SALESPERSON
    commission: str = "2.5"
    years: int = 3
    has_left: bool = False


PROFILES = (
    Profile(code="IHA", name="Ingrid Haugland", username="manager", job_title="Head of sales",
            team="NORDLYS", sees=ALL, share=24, role=MANAGER, commission="1", years=9),
    Profile(code="OSA", name="Øyvind Sæther", username="oyvind", job_title="Team manager, East",
            team="EAST", sees=TEAM, share=44, role=MANAGER, commission="2", years=7),
    Profile(code="KNO", name="Kari Nordahl", username="rep", job_title="Salesperson",
            team="EAST", sees=TEAM, share=56, years=4),
    Profile(code="JBR", name="Jonas Bråthen", username="jonas", job_title="Salesperson",
            team="EAST", sees=OWN, share=58),
    Profile(code="SAA", name="Silje Aas", username="silje", job_title="Senior salesperson",
            team="EAST", sees=TEAM, share=60, commission="3", years=6),
    Profile(code="MOD", name="Marit Ødegaard", username="marit", job_title="Team manager, West",
            team="WEST", sees=TEAM, share=46, role=MANAGER, commission="2", years=8),
    Profile(code="HTV", name="Håkon Tveit", username="haakon", job_title="Senior salesperson",
            team="WEST", sees=TEAM, share=62, commission="3", years=5),
    Profile(code="ASM", name="Åse Synnøve Myklebust", username="aase", job_title="Salesperson",
            team="WEST", sees=OWN, share=56),
    Profile(code="SVA", name="Sindre Vågen", username="sindre", job_title="Salesperson",
            team="WEST", sees=OWN, share=34, has_left=True),
    Profile(code="DLI", name="Daniel Lindqvist", username="daniel",
            job_title="Team manager, Abroad", team="ABROAD", sees=TEAM, share=48, role=MANAGER,
            commission="2", years=5),
    Profile(code="AKJ", name="Astrid Kjær", username="astrid", job_title="Key account manager",
            team="ABROAD", sees=TEAM, share=58, commission="3.25", years=4),
    Profile(code="TRO", name="Tobias Rønning", username="tobias", job_title="Salesperson",
            team="ABROAD", sees=OWN, share=54),
)  # fmt: skip


@dataclass(frozen=True)
class Seller:
    """A salesperson at work: the user who writes, and the one who manages the team."""

    profile: Profile
    salesperson: Salesperson
    user: User


class Staff:
    """Everybody who sells, and who steps in for whom."""

    def __init__(self, sellers: Iterable[Seller]) -> None:
        self.sellers = {seller.profile.code: seller for seller in sellers}

    @property
    def present(self) -> list[Seller]:
        """Those who have not left."""
        return [seller for seller in self.sellers.values() if not seller.profile.has_left]

    @property
    def head(self) -> Seller:
        """The one who manages everybody, and sees everything."""
        return self.sellers[TEAMS[0][2]]

    def mates_of(self, seller: Seller) -> list[Seller]:
        """Return the others of the team who have not left."""
        return [s for s in self.present if s.profile.team == seller.profile.team and s != seller]

    def present_of_team(self, team: str) -> list[Seller]:
        """Return those of a team who have not left."""
        return [seller for seller in self.present if seller.profile.team == team]


def left_on(today: date) -> date:
    """Return the day on which the one who has left was last at work."""
    return at_work(today - timedelta(days=DAYS_SINCE_LEAVING))


def create_staff(today: date) -> Staff:
    """Create salespeople with their users, and the teams where they belong."""
    staff = Staff([_create_seller(profile) for profile in PROFILES])
    teams: dict[str, Team] = {}
    for code, name, manager in TEAMS:
        teams[code] = Team.objects.create(
            code=code,
            name=name,
            manager=staff.sellers[manager].salesperson,
            parent=teams.get(TEAMS[0][0]),
        )
    TeamMembership.objects.bulk_create(
        _membership(seller, teams[seller.profile.team], today) for seller in staff.sellers.values()
    )
    TeamMembership.objects.create(
        team=teams[FOREIGN],
        salesperson=staff.sellers["SAA"].salesperson,
        is_home=False,
        from_on=today - timedelta(days=200),
    )
    return staff


def block_those_who_left(staff: Staff) -> None:
    """Block the salespeople who have left, and their users: nothing new is theirs."""
    for seller in staff.sellers.values():
        if seller.profile.has_left:
            seller.salesperson.is_blocked = True
            seller.salesperson.save(update_fields=["is_blocked"])
            seller.user.is_active = False
            seller.user.save(update_fields=["is_active"])


def create_administrator() -> bool:
    """Create the user `admin`; say False, and leave him alone, when there is one."""
    if User.objects.filter(username="admin").exists():
        return False
    administrator = User.objects.create_user(
        "admin", f"admin@{DOMAIN}", PASSWORD, first_name="Dag", last_name="Holm", is_staff=True
    )
    administrator.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return True


def _create_seller(profile: Profile) -> Seller:
    email = f"{profile.username}@{DOMAIN}"
    first_name, _, last_name = profile.name.rpartition(" ")
    user = User.objects.create_user(
        profile.username,
        email,
        PASSWORD if profile.username in ("rep", "manager") else None,
        first_name=first_name,
        last_name=last_name,
    )
    user.groups.add(Group.objects.get(name=profile.role))
    salesperson = Salesperson.objects.create(
        code=profile.code,
        name=profile.name,
        job_title=profile.job_title,
        email=email,
        phone=f"+47 21 03 44 {PROFILES.index(profile) + 10}",
        commission_percent=profile.commission,
        user=user,
        sees=profile.sees,
    )
    return Seller(profile, salesperson, user)


def _membership(seller: Seller, team: Team, today: date) -> TeamMembership:
    return TeamMembership(
        team=team,
        salesperson=seller.salesperson,
        from_on=date(today.year - seller.profile.years, 3, 1),
        until_on=left_on(today) if seller.profile.has_left else None,
    )

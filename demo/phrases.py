"""What opportunities are called, and what people note about them."""

from random import Random

from demo.company_names import (
    BUILDING,
    FOOD,
    HEALTH,
    HOTELS,
    HOUSING,
    INDUSTRY,
    LOGISTICS,
    OFFICES,
    PROPERTY,
    PUBLIC,
    SCHOOLS,
    TRADE,
)
from demo.dice import one_in
from demo.words import COUNTRYSIDE, STREETS

LONGEST = 100

# "{b}" is one of the buildings of the line of business, "{y}" a year, "{n}" a number.
SUBJECTS = (
    "Heat pumps for {b}", "Ventilation for {b}", "Solar panels on the roof of {b}",
    "Service agreement {y}, {b}", "Renewal of the service agreement, {b}", "LED lighting, {b}",
    "Building automation for {b}", "Energy survey of {b}", "{n} charging points at {b}",
    "New boiler room, {b}", "Energy meters for {b}", "Insulation and new membrane, {b}",
    "Replacing {n} windows in {b}", "Snow melting in front of {b}", "Emergency power for {b}",
    "Cooling for {b}", "Framework agreement {y}", "Connection of {b} to district heating",
    "Fire alarm and emergency lighting, {b}", "Sun screens for {b}", "Frequency converters, {b}",
    "Tap water: new mixing valves, {b}", "Air curtain at the entrance of {b}",
    "Batteries for peak hours, {b}", "Heat recovery from {b}", "Access control, {b}",
)  # fmt: skip
LONG_SUBJECT = (
    "Rehabilitation of heating, ventilation and automation in {b}, in three steps with an option"
)
BUILDINGS = {
    PROPERTY: ("{s} 14", "{s} 3–9", "the office block in {s}", "the car park", "block B, {p}"),
    BUILDING: ("the site office", "{p} terrasse, step 2", "the row houses at {p}", "the workshop"),
    HOUSING: ("blocks A–D", "the garage", "the laundry", "{s} 12–18", "the common house"),
    PUBLIC: ("the town hall", "{p} primary school", "the library", "{p} swimming pool",
             "the fire station", "Åsen kindergarten"),
    INDUSTRY: ("hall 2", "the paint shop", "the new production line", "the compressor room"),
    TRADE: ("the shop in {s}", "the central store", "the shopping centre at {p}", "the cold room"),
    FOOD: ("the cold store", "the packing hall", "the slaughterhouse at {p}", "the ice plant"),
    HOTELS: ("the kitchen", "the west wing", "the spa", "the conference hall", "42 rooms"),
    HEALTH: ("the nursing home", "the waiting rooms", "the laundry", "ward 3",
             "{p} bo- og aktivitetssenter"),
    LOGISTICS: ("the terminal", "the quay", "the truck park", "the freezer store at {p}"),
    OFFICES: ("the offices in {s}", "the 4th floor", "the server room", "the canteen"),
    SCHOOLS: ("the sports hall", "the gym", "the boarding house", "the artificial pitch"),
    "": ("the house", "the cabin at {p}", "the barn", "the boathouse"),
}  # fmt: skip

FIRST_NOTES = (
    "Met at the trade fair; wants us to call after the holidays.",
    "Came in through the web form.",
    "Recommended by a neighbour of theirs who is our customer.",
    "The service technician saw that the plant is at the end of its life.",
    "They have been granted money by Enova and must start this year.",
    "Public tender; questions by Friday.",
)
MOVE_NOTES = (
    "Good meeting. They liked the figures, and want to see a plant that is running.",
    "Site visited together with the technical manager; drawings received.",
    "The board has said yes in principle.",
    "Two competitors are in it as well, as far as we know.",
    "Went through the offer line by line. They want the option priced apart.",
    "Price is fine, the time of delivery is what they worry about.",
    "Spoke with the caretaker, who would rather have it before the winter.",
)
UPDATE_NOTES = (
    "Called; nobody has decided anything yet.",
    "They want it larger: the neighbouring building is to be included.",
    "Scope cut down after the budget meeting.",
    "Asked for references; sent three.",
    "New contact at purchasing, introductory call done.",
    "Reminded them of the subsidy that runs out.",
)
PUSH_NOTES = (
    "The decision has been moved to the next board meeting.",
    "Not before the summer holidays, they say.",
    "Waits for the grant from Enova.",
    "The tender has been prolonged by three weeks.",
    "The purchaser is on leave; new date agreed.",
)
WIN_NOTES = (
    "Signed! Start-up meeting in two weeks.",
    "Order received by e-mail, the contract follows.",
    "They chose us although we were not the cheapest.",
    "Won together with the service agreement.",
    "",
)
LOSE_NOTES = (
    "They chose a local competitor.",
    "Nobody answers any more; closed.",
    "The budget was cut. We may call again next year.",
    "We were 12 % above the lowest offer.",
    "They do it with their own people.",
    "",
)
REASSIGN_NOTES = (
    "Better looked after by somebody nearby.",
    "Parental leave.",
    "Shared out to even the load.",
)
CONTACT_NOTE = "Our contact has left; a colleague has taken over."
LEAVING_NOTE = "Taken over from Sindre, who has left."
MISTAKE_NOTE = "A zero too many"
REOPEN_NOTE = "They called back: the other supplier could not deliver."
DUPLICATE_NOTE = "Written down twice."
NO_NOTES = ("",) * 6


def description_of(random: Random, industry: str, year: int) -> str:
    """Return what an opportunity with a customer of that line of business is called."""
    building = random.choice(BUILDINGS[industry]).format(
        s=random.choice(STREETS), p=random.choice(COUNTRYSIDE)
    )
    subject = LONG_SUBJECT if one_in(random, 60) else random.choice(SUBJECTS)
    years = f"{year + random.randint(0, 1)}–{year + random.randint(2, 4)}"
    text = subject.format(b=building, y=years, n=random.choice((4, 8, 12, 16, 24, 40, 60)))
    return text[:LONGEST].strip(" ,")


def note(random: Random, phrases: tuple[str, ...]) -> str:
    """Return one of the phrases, or most often none."""
    return random.choice((*phrases, *NO_NOTES))

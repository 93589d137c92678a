"""What is said with customers in the demo data, and what people intend to do next."""

from random import Random
from typing import NamedTuple

from demo.dice import one_in
from salescycles.models import TaskKind
from tasks.models import Interaction

REP = "KNO"
CALL, EMAIL, MEETING, NOTE = (
    Interaction.Kind.CALL, Interaction.Kind.EMAIL, Interaction.Kind.MEETING, Interaction.Kind.NOTE,
)  # fmt: skip
OUT, IN = Interaction.Direction.OUTBOUND, Interaction.Direction.INBOUND


class Line(NamedTuple):
    """Something that was said; `minutes` is how long it took."""

    kind: str
    direction: str
    subject: str
    text: str
    minutes: int = 0
    evaluation: str = ""


LINES = (
    Line(CALL, OUT, "Call about the schedule",
         "Wants to be finished before the heating season. Fine with us.", 12, "positive"),
    Line(CALL, IN, "Question about the guarantee",
         "Asked whether parts and work are covered for five years. Sent the terms.", 8),
    Line(CALL, OUT, "Tried to reach them", "On leave until Monday; left a message.", 2),
    Line(EMAIL, OUT, "References as agreed", "Sent three references, two of them nearby.", 10),
    Line(EMAIL, IN, "Drawings", "Drawings of both floors received; the boiler room is missing.", 5),
    Line(EMAIL, OUT, "Minutes of our meeting", "What we agreed on, and who does what by when.", 15),
    Line(MEETING, OUT, "On site with the caretaker",
         "Measured the shafts. Access from the yard only, mind the low door.", 90, "very_positive"),
    Line(MEETING, OUT, "Meeting with the board",
         "Four people, good questions. The option is to be priced apart.", 60, "positive"),
    Line(MEETING, IN, "Video meeting", "Went through the figures; they compare us with one other.",
         45),
    Line(NOTE, "", "Heard from a supplier", "Delivery of the units takes nine weeks now."),
    Line(NOTE, "", "Who decides", "The finance manager signs, the technical manager chooses."),
    Line(CALL, OUT, "Price", "Too expensive, they say; they have not looked at running costs.", 20,
         "negative"),
)  # fmt: skip
NEXT_STEPS = (
    (TaskKind.PHONE_CALL, "Call back about the price"),
    (TaskKind.PHONE_CALL, "Ask what the board has decided"),
    (TaskKind.PHONE_CALL, "Call the technical manager"),
    (TaskKind.TO_DO, "Send the revised drawings"),
    (TaskKind.TO_DO, "Calculate the option"),
    (TaskKind.TO_DO, "Ask the supplier for the time of delivery"),
    (TaskKind.TO_DO, "Send the savings over ten years"),
    (TaskKind.MEETING, "Go through the offer together"),
    (TaskKind.MEETING, "Visit the site with the caretaker"),
)
OUTCOMES = (
    "Friendly, and in a hurry. Call again next week.",
    "They are interested and asked for two references.",
    "Agreed on a date on site.",
    "The one who decides is back on Monday.",
)
# The team, what is to be done, and in how many days.
TEAM_TASKS = (
    ("EAST", "Answer the web form from Hamar kommune", 0),
    ("EAST", "Pack the stand for the trade fair", 5),
    ("WEST", "Call the enquiries from the energy day", -1),
    ("ABROAD", "Translate the new data sheets", 3),
)
HEAD_NOTE = "I met their managing director: they decide this month. Keep at it."
SHARED_NOTE = "Shared out to even the load."


def line(random: Random) -> Line:
    """Return something that was said; without a judgement half of the time."""
    found = random.choice(LINES)
    return found._replace(evaluation="") if one_in(random, 2) else found

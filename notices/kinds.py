"""What people can be told of, and how: the words, and what holds until somebody chooses."""

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a notice is about; a digest is the daily mail itself."""

    ASSIGNED = "assigned", _("Opportunities")
    TASK = "task", _("Tasks")
    MENTIONED = "mentioned", _("Mentions")
    QUOTE = "quote", _("Quotes")
    CONFLICT = "conflict", _("Conflicts")
    BIG_WIN = "big_win", _("Big wins")
    QUESTION = "question", _("Questions")
    ANSWER = "answer", _("Answers")
    DIGEST = "digest", _("Daily mail")


class Mail(models.TextChoices):
    """Whether and when a notice is mailed."""

    NEVER = "", _("No mail")
    NOW = "now", _("At once")
    DAILY = "daily", _("Daily mail")


@dataclass(frozen=True)
class Usual:
    """The icon of a kind, when it is told, and how it is mailed to whoever has not chosen."""

    icon: str
    words: str | Promise
    mail: Mail


USUAL: dict[str, Usual] = {
    Kind.ASSIGNED: Usual("briefcase", _("Somebody assigns opportunities to me"), Mail.NOW),
    Kind.TASK: Usual("checkbox", _("Somebody gives tasks to me or to my team"), Mail.DAILY),
    Kind.MENTIONED: Usual("at", _("Somebody mentions me with @ in a note"), Mail.NOW),
    Kind.QUOTE: Usual("file-dollar", _("A quote of my opportunities is accepted"), Mail.NOW),
    Kind.CONFLICT: Usual("arrows-exchange", _("Somebody overwrites my change"), Mail.NEVER),
    Kind.QUESTION: Usual("message-circle", _("Somebody asks about my opportunity"), Mail.NOW),
    Kind.ANSWER: Usual("message-circle", _("Somebody answers my question"), Mail.DAILY),
    Kind.BIG_WIN: Usual("trophy", _("A big opportunity that I see is won"), Mail.NEVER),
}

"""The door of tasks: plan, start, complete, cancel, reopen, reschedule, assign, take, edit.

Each function opens its own transaction, locks the row, re-reads it among those
that `by` may see, checks, and saves; the task handed in is only an address.
They raise `ValidationError` with sentences, `PermissionDenied` with who may do
it instead, `Conflict` when somebody was faster, and `Task.DoesNotExist` for
what `by` may not see.

`seen` is the number of changes (`edits`) that the person was looking at (None:
whatever it is). Asking for what is already so writes nothing.
"""

from tasks.lifecycle.changing import assign, edit, reschedule, start, take
from tasks.lifecycle.closing import cancel, complete, reopen
from tasks.lifecycle.planning import newest_entry, plan, plan_many
from tasks.lifecycle.rows import Conflict
from tasks.wishes import NewTask

__all__ = [
    "Conflict",
    "NewTask",
    "assign",
    "cancel",
    "complete",
    "edit",
    "newest_entry",
    "plan",
    "plan_many",
    "reopen",
    "reschedule",
    "start",
    "take",
]

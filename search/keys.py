"""Which keys do what."""

from django.utils.translation import gettext_lazy as _

# Where, and there: the keys (each a list of what is pressed one after another or together).
KEYS = [
    (
        _("Everywhere"),
        [
            (["/"], _("Search, or give a command")),
            (["Ctrl", "K"], _("The same, also while typing")),
            (["?"], _("Show this list")),
            (["Esc"], _("Close what is open")),
        ],
    ),
    (
        _("In the search"),
        [
            (["↓"], _("The next result")),
            (["↑"], _("The previous result")),
            (["Enter"], _("Open the result; without one chosen, show all results")),
        ],
    ),
    (
        _("In a list"),
        [
            (["j"], _("The next row")),
            (["k"], _("The previous row")),
            (["Enter"], _("Open the row")),
            (["x"], _("Tick the row")),
            (["e"], _("Edit the row, where that can be done in the list")),
        ],
    ),
    (
        _("On the pipeline"),
        [
            (["←", "→"], _("The neighbouring column")),
            (["↑", "↓"], _("The neighbouring card, or the next line of a card's menu")),
            (["Enter"], _("Open the opportunity")),
            (["Shift", "→"], _("Move the card to the next column")),
            (["Shift", "←"], _("Move the card to the previous column")),
            (["M"], _("Move to…, and what else can be done")),
            (["E"], _("Change value and close date")),
        ],
    ),
]

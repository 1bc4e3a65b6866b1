"""How is a patient invited for tests, in a letter and in a text message, and how are the tests requested?

Plain words, what for, by when, and whom to call; no result and no diagnosis. A text message names no
medicine: somebody else may read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# One text message of the usual alphabet (3GPP TS 23.038).
MESSAGE_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation as it goes out. `medicines` and `tests` are in words; `by` the day to come by; `again`
    whether it is a repetition."""

    patient: str
    salutation: str
    address: tuple[str, ...]
    born: date | None
    number: str
    medicines: tuple[str, ...]
    tests: tuple[str, ...]
    by: date
    again: bool
    practice: str
    practice_address: tuple[str, ...]
    telephone: str
    written: date

    @property
    def letter(self) -> tuple[str, ...]:
        """The paragraphs of the letter."""
        taking = _joined(self.medicines)
        first = "We wrote to you before and have not seen you yet. " if self.again else ""
        return (
            f"{first}You take {taking}. People who take it need tests from time to time, so that it stays "
            "safe for you.",
            f"These are due now: {_joined(self.tests)}.",
            f"Please make an appointment for them by {self.by:%d-%b-%Y}: {_call(self.telephone)}.",
            "Please keep taking your medicines as before. If these tests were done at a hospital or "
            "elsewhere, tell us where and when, and we shall ask for the results.",
        )

    @property
    def message(self) -> str:
        """The text message."""
        again = "reminder: " if self.again else ""
        return (
            f"{self.practice}: {again}please book a blood test or check-up for your medicines by "
            f"{self.by:%d-%b-%Y}. {_call(self.telephone)}. Keep taking them as before."
        )


def _call(telephone: str) -> str:
    return f"call {telephone}" if telephone else "call us or ask at reception"


def _joined(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

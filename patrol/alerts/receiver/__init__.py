"""A department's side: takes alerts, remembers them in a book, hands each on, answers. To run or to copy.

``patrol receiver`` runs it (``patrol/commands/receiver.py``); ``docs/receiver.md`` is its guide.
"""

from patrol.alerts.receiver.answers import AnswerError, Call, Photo, Words, publish_one
from patrol.alerts.receiver.book import Book, BookError
from patrol.alerts.receiver.hand_on import CommandWay, FileWay, HandOnError, PrintWay, Way
from patrol.alerts.receiver.incoming import Incoming, NotAnAlertError, read_alert
from patrol.alerts.receiver.listen import Receiver

__all__ = [
    "AnswerError",
    "Book",
    "BookError",
    "Call",
    "CommandWay",
    "FileWay",
    "HandOnError",
    "Incoming",
    "NotAnAlertError",
    "Photo",
    "PrintWay",
    "Receiver",
    "Way",
    "Words",
    "publish_one",
    "read_alert",
]

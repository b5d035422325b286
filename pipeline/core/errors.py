"""Everything Salon says when it must stop.

Each error is one sentence that says what is wrong, where, and what to do; its class carries the
exit code, so a shell script (or ``dvc repro``) can tell the cases apart::

    SalonError                    1
    ├── UsageError                2   the command line itself
    ├── ParamsError              10   params.yaml
    ├── ListsError               11   curation/lists/*.txt
    ├── TableError               12   a table is missing, torn or of another shape
    ├── CaptureError             13   a capture is incomplete, torn or already finished
    ├── BusyError                14   another process works on the same files
    ├── VersionError             15   a version is not complete, not here, or not in the remote
    │   └── LeakError            16   images are on both sides of the split into train and held_out
    ├── DescriptionError         17   a file that describes a site
    ├── ScrapeError              20   any other failure on the way to a site
    │   ├── RobotsForbidError    21   robots.txt says no (or cannot be read where it must be)
    │   ├── ChallengedError      22   the site asks for proof of being human
    │   ├── LayoutChangedError   23   a page of a known kind without the known marks
    │   ├── NotJsonError         24   HTML where JSON was asked for
    │   ├── CappedError          25   the site lists more than it hands out
    │   ├── SiteDownError        26   no answer, or 5xx after all retries
    │   ├── NotPermittedError    27   the params do not state the permission the site needs
    │   ├── ConsentWallError     28   a question about cookies stands where the content should be
    │   ├── QuotaError           29   the site counts requests, and has had enough of ours
    │   ├── GoneError            31   what the params ask for is not on the site (any more)
    │   ├── SavedPagesError      32   saved pages that are not there, not the site's, or not whole
    │   ├── BudgetSpentError     33   as many requests were made as the params allow in one run
    │   └── FilesError           34   files of one's own that are not there, torn or hostile
    │       └── UnmatchedError   35   tables and files that do not belong together
    ├── BrowserError             30   no usable Chromium or chromedriver
    ├── TrainingError            40   training cannot start from what it was given
    │   └── UnhealthyError       41   training was stopped by its own monitor
    ├── StorageError             50   disk full, or a path that cannot be written
    ├── ClusterError             51   the cluster is not there, or cannot do Salon's work
    └── InterruptedRunError     130   stopped by a signal; the next run goes on from here
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class SalonError(Exception):
    """A failure to be shown to the user as one sentence, without a traceback."""

    exit_code = 1


class UsageError(SalonError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class ParamsError(SalonError):
    """params.yaml (or a recipe) does not describe a valid run."""

    exit_code = 10


class ListsError(SalonError):
    """A curators' list holds an entry that cannot be applied."""

    exit_code = 11


class TableError(SalonError):
    """A table is missing, torn, or not of the shape its schema demands."""

    exit_code = 12


class CaptureError(SalonError):
    """A capture is incomplete, torn, or may not be changed any more."""

    exit_code = 13


class BusyError(SalonError):
    """Another process holds the files this one needs."""

    exit_code = 14


class VersionError(SalonError):
    """A version of the data is not complete, not here, or cannot be had from the remote."""

    exit_code = 15


class LeakError(VersionError):
    """Images that are trained on are also held out to judge the model, or were before."""

    exit_code = 16


class DescriptionError(SalonError):
    """A file that describes a site has a key or a value that means nothing."""

    exit_code = 17


class ScrapeError(SalonError):
    """A site could not be captured."""

    exit_code = 20


class RobotsForbidError(ScrapeError):
    """robots.txt forbids the address, or could not be read where it must be."""

    exit_code = 21


class ChallengedError(ScrapeError):
    """The site answered with a challenge; Salon stops instead of evading it."""

    exit_code = 22


class LayoutChangedError(ScrapeError):
    """A page holds none of the marks by which its kind is read."""

    exit_code = 23


class NotJsonError(ScrapeError):
    """HTML (or nothing) came where JSON was asked for."""

    exit_code = 24


class CappedError(ScrapeError):
    """The site announces more rows than it hands out."""

    exit_code = 25


class SiteDownError(ScrapeError):
    """The site does not answer, or answers 5xx after all retries."""

    exit_code = 26


class NotPermittedError(ScrapeError):
    """The site may only be read with a permission that the params do not state."""

    exit_code = 27


class ConsentWallError(ScrapeError):
    """A page holds a question about cookies and nothing of what it was asked for."""

    exit_code = 28


class QuotaError(ScrapeError):
    """The site's own limit for requests is used up."""

    exit_code = 29


class GoneError(ScrapeError):
    """A listing or page that the params ask for does not exist (any more)."""

    exit_code = 31


class SavedPagesError(ScrapeError):
    """A folder of saved pages holds none, foreign ones, or none of their images."""

    exit_code = 32


class BudgetSpentError(ScrapeError):
    """As many requests were made as the params allow in one run; the next run goes on."""

    exit_code = 33


class FilesError(ScrapeError):
    """A folder, an archive or a table of one's own is not there, torn, or made to do harm."""

    exit_code = 34


class UnmatchedError(FilesError):
    """Rows without a file, files without a row, or files of no known kind."""

    exit_code = 35


class BrowserError(SalonError):
    """No usable Chromium or chromedriver was found."""

    exit_code = 30


class TrainingError(SalonError):
    """Training cannot start (or go on) from what it was given."""

    exit_code = 40


class UnhealthyError(TrainingError):
    """The health monitor stopped the training."""

    exit_code = 41


class StorageError(SalonError):
    """The disk is full, or a path cannot be written."""

    exit_code = 50


class ClusterError(SalonError):
    """The cluster that SALON_CLUSTER names is not there, or cannot do Salon's work."""

    exit_code = 51


class InterruptedRunError(SalonError):
    """A signal stopped the run; what was done so far is kept."""

    exit_code = 130


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that names the known word most like ``word``, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""


@contextmanager
def port_errors(host: str, port: int) -> Iterator[None]:
    """Turn a port that is taken, or not ours to open, into a `BusyError`."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise BusyError(
            f"port {port} of {host} cannot be opened ({error.strerror}); "
            f"choose another one with --port"
        ) from error

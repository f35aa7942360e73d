"""Why the operating system refuses, in the reader's language: its own words are English on most servers."""

import errno
from typing import Final

from potok.core.language import gettext, mark

_WORDS: Final = {
    errno.ENOENT: mark("No such file or directory"),
    errno.EACCES: mark("Permission denied"),
    errno.EPERM: mark("Operation not permitted"),
    errno.EEXIST: mark("File exists"),
    errno.EISDIR: mark("Is a directory"),
    errno.ENOTDIR: mark("Not a directory"),
    errno.ENOTEMPTY: mark("Directory not empty"),
    errno.ENOSPC: mark("No space left on device"),
    errno.EDQUOT: mark("Disk quota exceeded"),
    errno.EROFS: mark("Read-only file system"),
    errno.ENAMETOOLONG: mark("File name too long"),
    errno.EMFILE: mark("Too many open files"),
    errno.ELOOP: mark("Too many levels of symbolic links"),
    errno.EBUSY: mark("Device or resource busy"),
    errno.EIO: mark("Input/output error"),
    errno.EFBIG: mark("File too large"),
    errno.ENOMEM: mark("Cannot allocate memory"),
    errno.EINVAL: mark("Invalid argument"),
}


def system_reason(error: OSError) -> str:
    """Return why the system refuses; what is not known here is given in the system's own words."""
    known = _WORDS.get(error.errno or 0)
    return gettext(known) if known else error.strerror or str(error)

"""How long a second, a minute, an hour and a day are: in microseconds (``…_US``) and in seconds (``…_SECONDS``)."""

from typing import Final

MINUTE_SECONDS: Final = 60
HOUR_SECONDS: Final = 3_600
DAY_SECONDS: Final = 86_400
SECOND_US: Final = 1_000_000
MINUTE_US: Final = MINUTE_SECONDS * SECOND_US
HOUR_US: Final = HOUR_SECONDS * SECOND_US
DAY_US: Final = DAY_SECONDS * SECOND_US

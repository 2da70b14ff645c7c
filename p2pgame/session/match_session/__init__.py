"""One match and the links that carry it: who is reached, who is gone, and who carries the match if the host is.

`session` is what others use. The host keeps `guests`; a guest may search another host (`host_search`, `migration`).
All of them share `core`. One member is reached by one `member_session` after another (`reconnector`).
"""

from p2pgame.session.match_session.core import game_failed
from p2pgame.session.match_session.session import MatchSession, end_code_of

__all__ = ["MatchSession", "end_code_of", "game_failed"]

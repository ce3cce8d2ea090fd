"""The articles of the window, found by what they share with a new one, at a cost that does not grow with the window.

Remembers; decides nothing. A frequent word leads to the newest articles that hold it and to no others, so that an
article costs the same among a thousand others as among a hundred thousand.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest

from bot.stories.facts import Facts

READ_BACK = 60
"""So many of the newest articles that hold a word are remembered by it."""
NEAREST = 30
"""So many articles decide which stories are compared."""
MEMBERS = 5
"""So many articles of a story are compared: the first and the newest."""
STORIES = 6
KEY_TELLS = 4.0
"""A name known by its consonants, a number: less than a rare word, since different names share them."""


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """An article in its story."""

    article: int
    story: int
    title: str
    facts: Facts


class Window:
    """The articles of the last days by story, in order of publication."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self._stories: dict[int, list[Member]] = {}
        self._postings: dict[str, list[int]] = {}
        self._ages: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, article: int) -> bool:
        return article in self._members

    def add(self, member: Member) -> None:
        """Remember an article; one that is remembered already is taken out first."""
        if member.article in self._members:
            self.remove(member.article)
        self._members[member.article] = member
        insort(self._stories.setdefault(member.story, []), member, key=_age)
        for term, _ in _terms(member.facts):
            posting = self._postings.get(term)
            if posting is None:
                self._postings[term] = [member.article]  # of most words there is no second article
            else:
                posting.append(member.article)
                del posting[:-READ_BACK]
        self._ages.append((member.facts.at_h, member.article))

    def remove(self, article: int) -> None:
        """Forget an article, if it is here."""
        member = self._members.pop(article, None)
        if member is None:
            return
        left = [each for each in self._stories[member.story] if each.article != article]
        if left:
            self._stories[member.story] = left
        else:
            del self._stories[member.story]
        for term, _ in _terms(member.facts):
            posting = self._postings.get(term, [])
            if article in posting:
                posting.remove(article)
                if not posting:
                    del self._postings[term]

    def forget_before(self, at_h: float) -> None:
        """Forget the stories whose last article is older: a story that goes on keeps its beginning."""
        while self._ages and self._ages[0][0] < at_h:
            _, article = self._ages.popleft()
            if article not in self._members:
                continue
            story = self._stories[self._members[article].story]
            newest = story[-1].facts.at_h
            if newest >= at_h:
                self._ages.append((newest, article))
            else:
                self.remove_story(story[0].story)

    def remove_story(self, story: int) -> None:
        """Forget all articles of a story, if it is here."""
        for each in list(self._stories.get(story, ())):
            self.remove(each.article)

    def near(self, facts: Facts, since_h: float) -> Mapping[int, list[Member]]:
        """The stories that share most with the article and had one published since then, some articles of each."""
        scores: defaultdict[int, float] = defaultdict(float)
        for term, tells in _terms(facts):
            posting = self._postings.get(term)
            if posting:
                weight = tells * tells
                for article in posting:
                    scores[article] += weight
        found: dict[int, list[Member]] = {}
        for story in dict.fromkeys(self._members[article].story for article in self._nearest(scores)):
            members = self._stories[story]
            if members[-1].facts.at_h >= since_h:
                found[story] = members if len(members) <= MEMBERS else [members[0], *members[1 - MEMBERS :]]
                if len(found) == STORIES:
                    break
        return found

    def _nearest(self, scores: Mapping[int, float]) -> list[int]:
        """The articles that share most, the best first; of equals the newer."""
        if not scores:
            return []
        least = nlargest(NEAREST, scores.values())[-1]
        near = [article for article, score in scores.items() if score >= least]
        near.sort(key=lambda each: (scores[each], _age(self._members[each])), reverse=True)
        return near[:NEAREST]


def _age(member: Member) -> tuple[float, str]:
    """The order of a story's articles, whatever the order in which they came."""
    return member.facts.at_h, member.title


def _terms(facts: Facts) -> Iterable[tuple[str, float]]:
    """What an article is found by, and how much each tells."""
    yield from facts.telling()
    for key in facts.keys:
        yield f"~{key}", KEY_TELLS
    for number in facts.numbers:
        if len(number) > 2:
            yield f"#{number}", KEY_TELLS

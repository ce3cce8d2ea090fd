"""What one would use instead: TF-IDF and the nearest neighbour (scikit-learn). It sees the whole stream beforehand."""

from __future__ import annotations

from benchmarks.matching.measure import stopwatch
from benchmarks.stories import corpus
from benchmarks.stories.cost import stream
from benchmarks.stories.quality import WINDOW

MOST = 10_000
"""Of more articles it takes minutes and gigabytes to learn the words."""


def group(join_at: float) -> dict[str, int]:
    """Every article joins the story of its nearest earlier neighbour of the window, if that is near enough."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import linear_kernel

    documents = corpus.documents()
    vectors = TfidfVectorizer(sublinear_tf=True).fit_transform(f"{each.title}\n{each.text}" for each in documents)
    story: list[int] = []
    first = 0
    for at, document in enumerate(documents):
        while documents[first].published < document.published - WINDOW:
            first += 1
        likest, nearness = -1, 0.0
        if at > first:
            row = linear_kernel(vectors[at], vectors[first:at])[0]
            likest = first + int(row.argmax())
            nearness = float(row.max())
        story.append(story[likest] if nearness >= join_at else at)
    return {document.id: story[at] for at, document in enumerate(documents)}


def cost_ms(size: int, asked: int) -> float:
    """CPU per article: fold it in, and look for its nearest neighbour among `size` others."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import linear_kernel

    texts = [f"{title}\n{text}" for title, text, _, _ in stream(size)]
    model = TfidfVectorizer(sublinear_tf=True)
    vectors = model.fit_transform(texts)
    with stopwatch() as watch:
        for text in texts[:asked]:
            linear_kernel(model.transform([text]), vectors)[0].argmax()
    return watch.seconds / min(asked, size) * 1000

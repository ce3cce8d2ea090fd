"""What one would use instead: TF-IDF and the nearest neighbour (scikit-learn). It sees the whole stream beforehand."""

from __future__ import annotations

from time import perf_counter

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import linear_kernel

from benchmarks.stories import corpus
from benchmarks.stories.quality import WINDOW


def group(join_at: float) -> dict[str, int]:
    """Every article joins the story of its nearest earlier neighbour of the window, if that is near enough."""
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


def cost_ms(texts: list[str], asked: int) -> float:
    """Per article: fold it in, and look for its nearest neighbour among the others."""
    model = TfidfVectorizer(sublinear_tf=True)
    vectors = model.fit_transform(texts)
    began = perf_counter()
    for text in texts[:asked]:
        linear_kernel(model.transform([text]), vectors)[0].argmax()
    return (perf_counter() - began) / asked * 1000

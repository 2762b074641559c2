"""Two samples: how far two sets of photographs are apart by what a network sees in them.

A metric compares a colored photograph with its own truth. Here all colored photographs are compared with all true ones.
`truth` and `colored` are features, [N, d] each. Row i of both belongs to one photograph: the sets are *paired*, so
features of one row are alike whatever the colors, and no term may compare a photograph with itself.
"""

from collections.abc import Sequence

import numpy as np

from colorize_lib.schema import Interval

DEGREE = 3  # of KID's kernel
Z = 1.959964  # standard errors to each side of a 95 % interval
FOLDS = 5  # parts of the photographs, of which each in turn is judged by a classifier of the others
STRENGTH = 1e-3  # scikit-learn's C: how simple the classifier must be, fixed before the first measurement


def _check(truth: np.ndarray, colored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as float64; raise a ValueError unless they are features of the same photographs."""
    if truth.ndim != 2 or truth.shape != colored.shape or len(truth) < 3:
        raise ValueError(
            f"features have the shapes {truth.shape} and {colored.shape}; expected [N, d] of the same photographs, "
            "three or more."
        )
    return truth.astype("float64"), colored.astype("float64")


def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return KID's kernel of each x with each y, ``(x y / d + 1)^3``, [N, M] (Binkowski et al. 2018)."""
    return (x @ y.T / x.shape[1] + 1) ** DEGREE


def kid_parts(truth: np.ndarray, colored: np.ndarray) -> np.ndarray:
    """Return each photograph's part of KID, [N]; their mean is KID.

    KID is the mean of ``k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) - k(x_j, y_i)`` over all pairs of two different
    photographs i and j, where x are features of the truth and y those of the colored ones. In expectation it is 0 if
    both sets come from one distribution, so it can be a little below 0. The usual estimate takes i = j out of the first
    two terms alone, because its sets have nothing to do with each other; with paired sets that makes it too small.

    A part is the jackknife's pseudo-value: N times KID of all photographs, less N - 1 times KID without this one. The
    difference of two systems on the same photographs has the differences of their parts.
    """
    x, y = _check(truth, colored)
    cross = kernel(x, y)
    terms = kernel(x, x) + kernel(y, y) - cross - cross.T
    np.fill_diagonal(terms, 0)
    of_each, count = terms.sum(axis=1), len(x)
    total = of_each.sum()
    return total / (count - 1) - (total - 2 * of_each) / (count - 2)


def kid(truth: np.ndarray, colored: np.ndarray) -> float:
    """Return the kernel Inception distance of paired sets; see `kid_parts`."""
    return float(kid_parts(truth, colored).mean())


def jackknife(parts: np.ndarray) -> Interval:
    """Return the mean of pseudo-values, [N], and its 95 % interval over photographs.

    A bootstrap would draw a photograph twice and then compare it with itself, which `kid_parts` rules out.
    """
    mean, reach = float(parts.mean()), float(Z * parts.std(ddof=1) / np.sqrt(len(parts)))
    return {"mean": mean, "low": mean - reach, "high": mean + reach}


def fid(truth: np.ndarray, colored: np.ndarray) -> float:
    """Return the Frechet Inception distance (Heusel et al. 2017): means and covariances are compared.

    With fewer photographs than features it says more about their number than about them; see `fid_by_count`.
    """
    x, y = _check(truth, colored)
    scale = np.sqrt(len(x) - 1)
    a, b = (x - x.mean(axis=0)) / scale, (y - y.mean(axis=0)) / scale
    # The trace of the root of the product of both covariances is the sum of the singular values of a b'.
    root = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return float(((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum() + (a**2).sum() + (b**2).sum() - 2 * root)


def fid_by_count(
    truth: np.ndarray, colored: np.ndarray, counts: Sequence[int], repeats: int = 5, seed: int = 0
) -> dict[str, float]:
    """Return the mean FID of `repeats` drawings of each count of photographs that there are, by the count."""
    random = np.random.default_rng(seed)
    found = {}
    for count in [one for one in counts if one <= len(truth)]:
        drawn = [random.permutation(len(truth))[:count] for _ in range(repeats if count < len(truth) else 1)]
        found[str(count)] = float(np.mean([fid(truth[rows], colored[rows]) for rows in drawn]))
    return found


def told_apart(truth: np.ndarray, colored: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Return which part of a photograph's two forms a classifier names rightly, 0, .5 or 1, [N].

    A classifier two-sample test (Lopez-Paz and Oquab 2017). A linear classifier learns from the features to
    tell true from colored, on all photographs but a part, and is asked about that part. Both forms of a photograph are
    in one part: the one would give the other away. The mean is .5 where the two sets can't be told apart, 1 where they
    always can.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    x, y = _check(truth, colored)
    right = np.zeros(len(x))
    for held in np.array_split(np.random.default_rng(seed).permutation(len(x)), folds):
        seen = np.setdiff1d(np.arange(len(x)), held)
        classifier = make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=1000))
        classifier.fit(np.concatenate([x[seen], y[seen]]), np.repeat([0, 1], len(seen)))
        right[held] = ((classifier.predict(x[held]) == 0) + 0.0 + (classifier.predict(y[held]) == 1)) / 2
    return right

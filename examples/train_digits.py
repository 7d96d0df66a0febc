"""Train a small neural network on scikit-learn's bundled handwritten digits: a real job of some ten seconds.

    footprint run --name digits -- python examples/train_digits.py

Nothing here knows of footprint. No data is downloaded: the 1,797 digits come with scikit-learn.
"""

import time

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROUNDS = 4
"""Networks that are trained, each from another start: how much do they differ?"""


def main() -> None:
    """Train, and print how many unseen digits are read correctly."""
    images, digits = load_digits(return_X_y=True)
    split = train_test_split(images, digits, test_size=0.25, random_state=0, stratify=digits)
    train_images, test_images, train_digits, test_digits = split
    began = time.perf_counter()
    scores = []
    for seed in range(ROUNDS):
        network = MLPClassifier(hidden_layer_sizes=(256, 128), tol=1e-5, random_state=seed)
        model = make_pipeline(StandardScaler(), network)
        model.fit(train_images, train_digits)
        score = model.score(test_images, test_digits)
        scores.append(score)
        print(f"network {seed + 1} of {ROUNDS}: {score:.1%} of {len(test_digits)} unseen digits read correctly")
    print(f"trained for {time.perf_counter() - began:.1f} s; the networks read {min(scores):.1%} to {max(scores):.1%}")


if __name__ == "__main__":
    main()

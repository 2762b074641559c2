"""Networks that name what a photograph shows: how one learns its labels (used in chapters 09 and 11)."""

from typing import Any

from colorize_lib.networks import Model

LEARNING_RATE = 1e-3
BATCH_SIZE = 50


def learn(classifier: Model, x: dict[str, Any], labels: dict[str, Any], epochs: int, verbose: int = 0) -> float:
    """Train `classifier`, which gives a logit a label, and leave it with the weights of its best epoch.

    Parameters
    ----------
    classifier : keras.Model
        [batch, ...] to [batch, labels].
    x, labels : dict
        "train" to learn from and "val", on which the best epoch is chosen: what it sees, and 0, 1, ...
    epochs, verbose : int
        As in Keras's ``fit``.

    Returns
    -------
    float
        The part of "val" that it names rightly at that epoch.
    """
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(LEARNING_RATE), loss, metrics=["accuracy"])
    best = keras.callbacks.EarlyStopping("val_accuracy", patience=epochs, restore_best_weights=True)
    held_back = (x["val"], labels["val"])
    fitted = classifier.fit(
        x["train"], labels["train"], BATCH_SIZE, epochs, verbose, callbacks=[best], validation_data=held_back
    )
    return max(fitted.history["val_accuracy"])

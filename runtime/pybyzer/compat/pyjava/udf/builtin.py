"""``UDFBuildInFunc``: ready-made init functions."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from typing import Any, Dict, Iterator, Sequence


class UDFBuildInFunc:
    """Init functions that come with the package."""

    @staticmethod
    def init_tf(model_refs: Sequence[Any], conf: Dict[str, str]) -> Any:
        """A TensorFlow model: a ``.keras`` or ``.h5`` file, or a directory in the SavedModel format."""
        directory = unpack(model_refs)
        try:
            return quiet(load_tf(directory))
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def unpack(model_refs: Sequence[Any]) -> str:
    """The model's files in a new directory; who asked for it removes it."""
    import ray

    from pyjava.storage import streaming_tar

    def rows() -> Iterator[Any]:
        for ref in model_refs:
            yield ray.get(ref)

    if not model_refs:
        raise ValueError("there is no model: register Ray.`table` must name a table of files (schema=file)")
    directory = tempfile.mkdtemp(prefix="pybyzer-model-")
    try:
        streaming_tar.save_rows_as_file(rows(), directory)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    return directory


def quiet(model: Any) -> Any:
    """The model, without a progress bar for each ``predict`` that does not ask for one."""
    predict = model.predict

    def silent(*values: Any, **options: Any) -> Any:
        return predict(*values, **dict({"verbose": 0}, **options))

    model.predict = silent
    return model


def load_tf(directory: str) -> Any:
    """The model in a directory, with whichever Keras can read it."""
    # TensorFlow tells which processor it found, in a dozen lines, unless asked not to.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    files = sorted(
        path
        for pattern in ("*.keras", "*.h5", "*.hdf5")
        for path in glob.glob(os.path.join(directory, "**", pattern), recursive=True)
    )
    if files:
        return tf.keras.models.load_model(files[0])
    saved = glob.glob(os.path.join(directory, "**", "saved_model.pb"), recursive=True)
    if not saved:
        found = ", ".join(sorted(os.listdir(directory))) or "nothing"
        raise ValueError("no .keras, .h5 or saved_model.pb in the model table; it holds %s" % found)
    path = os.path.dirname(min(saved, key=len))
    try:
        return tf.keras.models.load_model(path)
    except Exception:
        # Keras 3 does not read a SavedModel; the module tf_keras (Keras 2) or TensorFlow itself does.
        return _legacy(path)


def _legacy(path: str) -> Any:
    if os.path.exists(os.path.join(path, "keras_metadata.pb")):
        try:
            import tf_keras
        except ImportError:
            pass
        else:
            return tf_keras.models.load_model(path)
    return SavedModel(path)


class SavedModel:
    """A SavedModel without Keras: ``predict`` as models have it."""

    def __init__(self, path: str) -> None:
        import tensorflow as tf

        self._loaded = tf.saved_model.load(path)
        signatures = self._loaded.signatures
        if not signatures:
            raise ValueError("the SavedModel has no signature to call")
        self._call = signatures[
            "serving_default" if "serving_default" in signatures else next(iter(signatures))
        ]

    def predict(self, values: Any, **options: Any) -> Any:
        """The first output for a batch of inputs, as a numpy array."""
        import tensorflow as tf

        name, spec = next(iter(self._call.structured_input_signature[1].items()))
        answer = self._call(**{name: tf.cast(tf.convert_to_tensor(values), spec.dtype)})
        return next(iter(answer.values())).numpy()

    __call__ = predict

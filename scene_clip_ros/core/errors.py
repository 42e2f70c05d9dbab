"""Every error this package raises on purpose.

::

    SceneClipError
    ├── ConfigError            a file or parameter that a person wrote is wrong
    │   ├── VocabularyError    … in a vocabulary file or a set_vocabulary request
    │   ├── OddError           … in a file that states an operational design domain
    │   └── ParameterError     … in a ROS parameter or a command-line option
    ├── MediaError             pictures that cannot be read or written
    │   ├── ImageError         one image: bad encoding, step, size, truncated payload
    │   └── SourceError        a whole bag, video or folder
    ├── MessageError           a message of another node that makes no sense
    ├── ModelError             a model that cannot be found, loaded, trusted or run
    ├── ArchiveError           an archive of frames that cannot be written, opened or searched
    ├── SimulationError        a scenario or rendering request that makes no sense
    ├── ReasoningError         a question that no answer can be given to, or a language model
    │                          that is down, too slow, or answers rubbish
    ├── ServiceError           a service of a node that does not answer, or refuses a request
    └── ProcessError           a child process that does not start or ends early

Messages say what was expected, then what came, and where.
"""


class SceneClipError(Exception):
    """Base of every error raised on purpose by this package."""


class ConfigError(SceneClipError):
    """A configuration value is missing, malformed or out of range."""


class VocabularyError(ConfigError):
    """A vocabulary names a label, phrasing or key that cannot be used."""


class OddError(ConfigError):
    """An operational design domain names what the vocabulary does not have, or nothing."""


class ParameterError(ConfigError):
    """A parameter or option is outside its documented range."""


class MediaError(SceneClipError):
    """Pictures cannot be read or written."""


class ImageError(MediaError):
    """One image is malformed: unknown encoding, wrong step, short or truncated data."""


class SourceError(MediaError):
    """A bag, video or folder cannot be opened, read or written."""


class MessageError(SceneClipError):
    """A message of another node is malformed: NaN, an empty box, an unknown constant."""


class ModelError(SceneClipError):
    """A model cannot be found, loaded, trusted or run."""


class ArchiveError(SceneClipError):
    """An archive of frames cannot be written, opened or searched, or a part of it is damaged."""


class SimulationError(SceneClipError):
    """A scenario or rendering request makes no sense."""


class ReasoningError(SceneClipError):
    """A question cannot be asked, or the language model that should answer it fails."""


class ServiceError(SceneClipError):
    """A service of a node does not answer, or refuses a request."""


class ProcessError(SceneClipError):
    """A child process does not start, or ends early."""

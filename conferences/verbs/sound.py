"""Audio, speech and digits to everybody in a conference, or to chosen people."""

from conferences.verbs.verb import Verb

SOUND: dict[str, Verb] = {}

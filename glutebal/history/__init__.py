"""Sessions on disk: what a person did, set by set, in SQLite or on a server; read back as the nouns of an answer.

::

    Analysis ── taken ──> RecordingRecord ── Store.add ──> tables ── Store.series ──> progress ──> Progress
"""

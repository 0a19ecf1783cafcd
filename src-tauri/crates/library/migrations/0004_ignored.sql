-- Patterns of files and folders that scans pass over.
CREATE TABLE ignored (
    pattern TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

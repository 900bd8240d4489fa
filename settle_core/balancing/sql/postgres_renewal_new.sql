INSERT INTO settle.renewal (version, library, functions_sha256)
VALUES ($version, $library, $digest)

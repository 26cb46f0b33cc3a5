"""The SQLCipher databases: engine, tables, migrations."""

# Fills snapshots, runs commands. One module a line.

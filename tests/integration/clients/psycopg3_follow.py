"""psycopg 3 follows a running server: psycopg3_follow.py PORT. Prints the RP of each of three new
events of one client, as it comes, then "ok"."""

import sys

import psycopg

with psycopg.connect(host="127.0.0.1", port=int(sys.argv[1]), user="kpi", dbname="kpi",
                     autocommit=True) as connection:
    cursor = connection.cursor()
    rows = cursor.stream("FOLLOW WHERE client = %s", ("new",))
    for _ in range(3):
        row = next(rows)
        names = [column.name for column in cursor.description]
        print(row[names.index("rp")], flush=True)
    connection.cancel()
    try:
        next(rows)
        while True:
            next(rows)
    except psycopg.errors.QueryCanceled:
        print("ok", flush=True)

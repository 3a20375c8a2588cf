"""Promise P1: kill -9 under load, again and again: what was answered is there exactly once.

The number of kills is $KPI_KILLS (100), the seed $KPI_SEED (1); with KPI_TORTURE_SECONDS it goes on
for so long. A small journal budget makes the
store seal all the time, so that kills hit appends, seals and flushes alike."""

import os
import random
import time

import harness
import senders

TORTURE_SECONDS = int(os.environ.get("KPI_TORTURE_SECONDS", "0"))
KILLS = 1_000_000 if TORTURE_SECONDS else int(os.environ.get("KPI_KILLS", "100"))
SEED = int(os.environ.get("KPI_SEED", "1"))
OPTIONS = ("--journal-max", "1M", "--live-max", "1M", "--settle", "0", "--log-level", "error")


def answered_events_survive_kill_9():
    choice = random.Random(SEED)
    ledger = senders.Ledger(harness.now_ms() - 12 * 3_600_000)
    restarts = []
    end = time.monotonic() + TORTURE_SECONDS
    with harness.directory() as directory:
        checked = 0
        for kill in range(KILLS + 1):
            begin = time.monotonic()
            with harness.Server(directory, *OPTIONS) as server:
                restarts.append(time.monotonic() - begin)
                senders.check_totals(server, ledger)
                senders.check_ids(server, ledger, checked, ledger.next_id)
                checked = ledger.next_id
                if kill == KILLS or (TORTURE_SECONDS and time.monotonic() > end):
                    senders.check_ids(server, ledger, 0, ledger.next_id)
                    break
                load = senders.Senders(ledger, server.http if kill % 2 else server.http_socket,
                                       8, SEED * 100_000 + kill)
                ledger.wait_for_answers(len(ledger.answered) + choice.randint(1, 4000))
                server.kill()
                load.join()
    kills = len(restarts) - 1
    restarts.sort()
    print(f"torture: kill_9 runs={kills} faults={kills} violations=0")
    print(f"{kills} kills, {len(ledger.answered)} events answered, "
          f"{ledger.next_id - len(ledger.answered)} in doubt, restart median "
          f"{restarts[len(restarts) // 2] * 1000:.0f} ms, longest {restarts[-1] * 1000:.0f} ms")


if __name__ == "__main__":
    harness.main(answered_events_survive_kill_9)

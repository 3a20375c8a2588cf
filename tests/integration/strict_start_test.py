"""Promise P7: nothing is lost in silence at the start. A bit that has flipped in the middle of the
journal, and a journal that is gone, keep the server down with 78 and a line that says why; nothing
is changed, and once the bytes are back so is everything."""

import glob
import os
import shutil

import harness
import senders

DATA = 78
# Events of today, and nothing is sealed while they settle: they are in the log alone.
OPTIONS = ("--settle", "1h", "--log-level", "error")
DAY_MS = 86_400_000


def crashed_store(directory):
    """(ledger, path of the log that holds its events)"""
    ledger = senders.Ledger(harness.now_ms() // DAY_MS * DAY_MS)
    with harness.Server(directory, *OPTIONS) as server:
        load = senders.Senders(ledger, server.http, 2, 1)
        ledger.wait_for_answers(5000)
        load.stop()
        watermark = os.path.join(server.data_dir, "WATERMARK")
        before = os.stat(watermark).st_mtime_ns if os.path.exists(watermark) else 0
        harness.wait_until(lambda: os.path.exists(watermark) and
                           os.stat(watermark).st_mtime_ns > before, "the watermark moves")
        server.kill()
        return ledger, max(glob.glob(os.path.join(server.data_dir, "*.log")), key=os.path.getsize)


def check_refused(directory, word):
    try:
        harness.Server(directory, *OPTIONS).kill()
    except RuntimeError as ended:
        harness.check(f"ended with {DATA}" in str(ended), ended)
        harness.check(word in str(ended).lower(), ended)
        return
    raise AssertionError("a damaged journal was opened")


def check_whole(directory, ledger):
    with harness.Server(directory, *OPTIONS) as server:
        senders.check_totals(server, ledger)
        senders.check_ids(server, ledger, 0, ledger.next_id)
        harness.check_equal(server.stop(), 0, "exit code")


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 4]))


def a_flipped_bit_keeps_the_server_down():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        size = os.path.getsize(log)
        for part in range(1, 8):
            flip(log, size * part // 8)
            check_refused(directory, "corruption")
            flip(log, size * part // 8)
        check_whole(directory, ledger)


def a_journal_that_is_gone_keeps_the_server_down():
    with harness.directory() as directory:
        ledger, log = crashed_store(directory)
        data = os.path.dirname(log)
        copy = os.path.join(directory, "copy")
        shutil.copytree(data, copy)
        os.unlink(log)
        check_refused(directory, "open_failed")
        shutil.rmtree(data)
        os.rename(copy, data)
        check_whole(directory, ledger)


harness.main(a_flipped_bit_keeps_the_server_down, a_journal_that_is_gone_keeps_the_server_down)

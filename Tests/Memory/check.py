#!/usr/bin/env python3
"""Shows that memory does not grow with the size of a sync: nine times the records, the same memory.

    check.py BIN [--rows 10000]

Real processes: a push of all records, a first sync of another laptop, a bundle there and back; peaks as the kernel counts them.
"""
import argparse, csv, json, os, shutil, signal, subprocess, sys, tempfile

options = argparse.ArgumentParser()
options.add_argument("bin")
options.add_argument("--rows", type=int, default=10_000)
options = options.parse_args()
server, daybook = (os.path.abspath(options.bin) + "/" + name for name in ("daybook-server", "daybook"))
TIMES = 9
# What caches of fixed size and the allocator's slack may differ by.
SLACK_MIB = 12


def run(*command, typed=""):
    """What a command printed, and its peak in MiB."""
    process = subprocess.Popen(
        [*command, "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdin.write(typed)
    process.stdin.close()
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"FAILED: {command[1:]} ended with {process.returncode}: {err.strip()}")
    lines = out.splitlines()
    return json.loads(lines[-1]) if lines else None, usage.ru_maxrss / 1024


def peak(process):
    """The peak of a process since it was asked last."""
    status = open(f"/proc/{process.pid}/status").read()
    with open(f"/proc/{process.pid}/clear_refs", "w") as file:
        file.write("5")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def measured(folder, rows):
    """Peaks of each part, in MiB, with so many records."""
    office, book, other, carried = (folder + "/" + name for name in ("office", "a.daybook", "b.daybook", "c.daybook"))
    for words in (["init", "--name", "M"], ["store", "add", "S"], ["staff", "add", "P"], ["event", "open", "E"]):
        made = run(server, *words, "--folder", office)[0]
    table = folder + "/signups.csv"
    with open(table, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["event", "booth", "name", "phone"])
        writer.writerows([made["id"], f"B{i % 9}", f"visitor {i}", f"138{i:08}"] for i in range(rows))
    process = subprocess.Popen([server, "serve", "--port", "0", "--folder", office, "--json"], stdout=subprocess.PIPE, text=True)
    peaks = {}
    try:
        port = json.loads(process.stdout.readline())["port"]
        start = run(server, "staff", "pin", "P", "--folder", office)[0]["code"]
        for name, path in (("A", book), ("B", other), ("C", carried)):
            code = run(server, "laptop", "add", name, "--person", "P", "--scopes", "S", "--scopes", "E", "--folder", office)[0]["code"]
            run(daybook, "enrol", code, "--office", f"http://127.0.0.1:{port}", "--book", path)
            run(daybook, "sync", "--book", path)
            run(daybook, "login", "--book", path, typed=f"{start}\nmemory-7531\nmemory-7531\n")
        peak(process)
        _, peaks["import"] = run(daybook, "import", table, "--as", "signup", "--book", book)
        _, peaks["push"] = run(daybook, "sync", "--book", book)
        peaks["push, head office"] = peak(process)
        _, peaks["first sync"] = run(daybook, "sync", "--book", other)
        peaks["first sync, head office"] = peak(process)
        # By a stick: what the laptop says, and what it is told.
        run(daybook, "import", table, "--as", "signup", "--book", carried)
        _, peaks["bundle write"] = run(daybook, "bundle", "write", folder + "/out", "--book", carried)
        run(server, "bundle", "read", folder + "/out", "--answer", folder + "/in", "--folder", office)
        peaks["bundle, head office"] = peak(process)
        _, peaks["bundle read"] = run(daybook, "bundle", "read", folder + "/in", "--book", carried)
        listed, _ = run(daybook, "status", "--book", carried)
        if listed["unanswered"]:
            sys.exit(f"FAILED: the bundle left {listed['unanswered']} unanswered")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    return peaks


top = tempfile.mkdtemp(prefix="daybook-memory-")
os.environ["XDG_RUNTIME_DIR"] = top
try:
    counts = options.rows, options.rows * TIMES
    few, many = (measured(tempfile.mkdtemp(dir=top), rows) for rows in counts)
    print(f"peak memory in MiB with {counts[0]} and {counts[1]} records:")
    for part in few:
        print(f"  {part:<24} {few[part]:7.1f} {many[part]:7.1f}")
    grown = [part for part in few if many[part] > few[part] + SLACK_MIB]
    if grown:
        sys.exit("FAILED: memory grows with the records in: " + ", ".join(grown))
    print("memory does not grow with the size of a sync")
finally:
    shutil.rmtree(top)

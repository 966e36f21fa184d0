#!/usr/bin/env python3
"""Shows by strace that nothing is acknowledged before its sync to disk: neither by a command nor by head office."""
import json, os, re, signal, subprocess, sys, tempfile, time, urllib.request

bin_ = os.path.abspath(sys.argv[1])
folder = tempfile.mkdtemp(prefix="daybook-durable-")
os.environ["XDG_RUNTIME_DIR"] = folder
office, book = folder + "/office", folder + "/laptop.daybook"
server, daybook = bin_ + "/daybook-server", bin_ + "/daybook"


def run(*command, typed=""):
    done = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True, input=typed)
    return json.loads(done.stdout.splitlines()[-1])


def first(lines, pattern, start=0):
    for index in range(start, len(lines)):
        if re.search(pattern, lines[index]):
            return index
    return None


def last_write_then_sync(lines, file_pattern, until):
    """The last write to the file before `until`, and the sync of that file after it."""
    wrote = max((i for i in range(until) if re.search(r"pwrite64\(\d+<[^>]*" + file_pattern, lines[i])), default=None)
    if wrote is None:
        sys.exit("FAILED: nothing was written to " + file_pattern)
    synced = first(lines, r"f(data)?sync\(\d+<[^>]*" + file_pattern, wrote)
    return wrote, synced


run(server, "init", "--name", "Durable", "--folder", office)
run(server, "store", "add", "S", "--folder", office)
run(server, "staff", "add", "P", "--folder", office)
trace = folder + "/server.trace"
process = subprocess.Popen(
    ["strace", "-f", "-y", "-s", "64", "-e", "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg", "-o", trace,
     server, "serve", "--port", "0", "--folder", office, "--json"], stdout=subprocess.PIPE, text=True)
try:
    port = json.loads(process.stdout.readline())["port"]
    code = run(server, "laptop", "add", "L", "--person", "P", "--scopes", "S", "--folder", office)["code"]
    run(daybook, "enrol", code, "--office", f"http://127.0.0.1:{port}", "--book", book)
    start = run(server, "staff", "pin", "P", "--folder", office)["code"]
    run(daybook, "sync", "--book", book)
    run(daybook, "login", "--book", book, typed=f"{start}\ndurable-7531\ndurable-7531\n")

    laptop_trace = folder + "/laptop.trace"
    run(server, "import", os.path.join(os.path.dirname(__file__), "../../Fixtures/products.csv"), "--folder", office)
    run(daybook, "sync", "--book", book)
    wrote = subprocess.run(
        ["strace", "-f", "-y", "-s", "64", "-e", "trace=pwrite64,fsync,fdatasync,write", "-o", laptop_trace,
         daybook, "stock", "move", "--product", "umbrella", "--quantity", "1", "--kind", "receipt", "--book", book, "--json"],
        check=True, capture_output=True, text=True).stdout
    lines = open(laptop_trace, errors="replace").read().splitlines()
    said = first(lines, r'write\(1<.*id')
    if said is None or not json.loads(wrote)["id"]:
        sys.exit("FAILED: the command did not say what it wrote")
    _, synced = last_write_then_sync(lines, r"laptop\.daybook-wal", said)
    if synced is None or synced > said:
        sys.exit("FAILED: the command acknowledged before its sync")

    before = len(open(trace, errors="replace").read().splitlines())
    run(daybook, "sync", "--book", book)
    time.sleep(0.5)
    lines = open(trace, errors="replace").read().splitlines()
    # The answer to the posting is the first thing sent after it was recorded.
    wal = [i for i in range(before, len(lines)) if re.search(r"pwrite64\(\d+<[^>]*office\.daybook-wal", lines[i])]
    if not wal:
        sys.exit("FAILED: head office recorded nothing")
    answered = first(lines, r"(write|writev|sendto|sendmsg)\(\d+<(TCP|socket)", wal[0])
    synced = first(lines, r"f(data)?sync\(\d+<[^>]*office\.daybook-wal", wal[0])
    if answered is None or synced is None or synced > answered:
        sys.exit("FAILED: head office acknowledged before its sync")
    print("durability: the command and head office both synced before they acknowledged")
finally:
    pids = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    for pid in pids:
        os.kill(int(pid), signal.SIGTERM)
    process.wait(timeout=20)
    subprocess.run(["rm", "-rf", folder])

#!/usr/bin/env python3
"""Kills a server and three agents under load, with SIGKILL, and checks that what was acknowledged is there once.

    check.py BIN [--kills 200] [--seed N]

Then, with real files: a server on a full disk, on a read-only file, and on a file whose middle is overwritten.
"""
import argparse, json, os, random, shutil, signal, subprocess, sys, tempfile, threading, time

options = argparse.ArgumentParser()
options.add_argument("bin")
options.add_argument("--kills", type=int, default=200)
options.add_argument("--seed", type=int, default=1)
options = options.parse_args()
server, daybook = (os.path.abspath(options.bin) + "/" + name for name in ("daybook-server", "daybook"))
folder = tempfile.mkdtemp(prefix="daybook-kills-")
os.environ["XDG_RUNTIME_DIR"] = folder
office = folder + "/office"
chance = random.Random(options.seed)
processes, port = {}, None
acknowledged, tried, stopping = set(), set(), threading.Event()


def fail(words):
    sys.exit("FAILED: " + words)


def run(*command, check=True, typed=None):
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=120, input=typed)
    if check and done.returncode != 0:
        fail(f"{command[1:4]} ended with {done.returncode}: {done.stderr.strip()}")
    lines = done.stdout.splitlines()
    return json.loads(lines[-1]) if done.returncode == 0 and lines else done


def first_sync(book, start):
    run(daybook, "sync", "--book", book)
    run(daybook, "login", "--book", book, typed=f"{start}\nkills-7531\nkills-7531\n")


def serve(where=office, at=0):
    process = subprocess.Popen([server, "serve", "--port", str(at), "--folder", where, "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    return process, json.loads(line)["port"] if line else None


def agent(book):
    return subprocess.Popen([daybook, "agent", "--book", book], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end(process, how=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(how)
        process.wait(timeout=30)


def write(number, book):
    """A person who signs visitors up as long as the load lasts; some of the commands are killed too."""
    own = random.Random(options.seed * 100 + number)
    count = 0
    while not stopping.is_set():
        count += 1
        name = f"visitor-{number}-{count}"
        tried.add(name)
        command = subprocess.Popen([daybook, "signup", "add", "--name", name, "--book", book],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if own.random() < 0.05:
            time.sleep(own.random() * 0.02)
            command.kill()
        if command.wait() == 0:
            acknowledged.add(name)


def kill_under_load(books):
    global port
    writers = [threading.Thread(target=write, args=(i, book)) for i, book in enumerate(books)]
    for writer in writers:
        writer.start()
    kills = {"server": 0, "agent": 0}
    while sum(kills.values()) < options.kills:
        time.sleep(chance.random() * 0.3)
        which = chance.choice(["server"] + books)
        end(processes[which], signal.SIGKILL)
        if which == "server":
            kills["server"] += 1
            processes[which], port = serve(at=port)
            if port is None:
                fail("the server does not start after it was killed")
        else:
            kills["agent"] += 1
            processes[which] = agent(which)
    stopping.set()
    for writer in writers:
        writer.join()
    return kills


def check_all_there(books):
    for book in books:
        end(processes.pop(book))
        until = time.time() + 60
        while run(daybook, "status", "--book", book)["unanswered"] or time.time() > until:
            run(daybook, "sync", "--book", book, check=False)
            if time.time() > until:
                fail(f"{book} does not get rid of its entries")
    for book in books * 2:
        run(daybook, "sync", "--book", book)
    listed = subprocess.run([server, "list", "signup", "--last", "10000", "--folder", office, "--json"],
                            check=True, capture_output=True, text=True).stdout
    names = [record["fields"]["name"] for record in json.loads(listed)]
    if len(names) != len(set(names)):
        fail(f"{len(names) - len(set(names))} sign-ups are there twice")
    lost, foreign = acknowledged - set(names), set(names) - tried
    if lost or foreign:
        fail(f"{len(lost)} acknowledged sign-ups are lost, {len(foreign)} were written by nobody: {sorted(lost)[:5]}")
    for book in books:
        status = run(daybook, "status", "--check", "--book", book)
        if any(scope["differs"] for scope in status["scopes"]) or status["integrityFaults"]:
            fail(f"{book} differs or is damaged")
    if run(server, "verify", "--folder", office)["faults"]:
        fail("head office's book is damaged")
    return len(names)


def check_restore(books):
    """A backup, more work, the disk lost: the laptops bring back what the backup does not have."""
    backup = folder + "/backup.daybook"
    run(server, "backup", backup, "--folder", office)
    for book in books:
        for number in range(5):
            name = f"after-{os.path.basename(book)}-{number}"
            run(daybook, "signup", "add", "--name", name, "--book", book)
            acknowledged.add(name), tried.add(name)
        run(daybook, "sync", "--book", book)
    end(processes["server"], signal.SIGKILL)
    shutil.rmtree(office)
    run(server, "restore", backup, "--folder", office)
    if not run(server, "recovery", "--folder", office)["awaited"]:
        fail("right after a restore nobody is awaited")
    processes["server"], _ = serve(at=port)
    processes.update((book, agent(book)) for book in books)
    count = check_all_there(books)
    recovery = run(server, "recovery", "--folder", office)
    if recovery["base"] is None or recovery["awaited"] or recovery["withoutEntry"]:
        fail(f"the recovery is not what was expected: {recovery}")
    return count


def full_disk(backup):
    """Head office serves from a disk that is full: it says so, loses nothing, and goes on when there is room."""
    where = folder + "/small"
    os.mkdir(where)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", where], capture_output=True).returncode:
        return "not allowed to mount a small disk here"
    small, book = where + "/office", folder + "/small.daybook"
    serving = None
    try:
        run(server, "restore", backup, "--folder", small)
        serving, at = serve(small)
        code = run(server, "laptop", "add", "Small", "--person", "P", "--scopes", "E", "--folder", small)["code"]
        run(daybook, "enrol", code, "--office", f"http://127.0.0.1:{at}", "--book", book)
        first_sync(book, run(server, "staff", "pin", "P", "--folder", small)["code"])
        ballast = os.open(where + "/ballast", os.O_WRONLY | os.O_CREAT)
        try:
            while True:
                os.write(ballast, b"x" * 4096)
        except OSError:
            os.close(ballast)
        full = run(server, "store", "add", "No room", "--folder", small, check=False)
        if not isinstance(full, subprocess.CompletedProcess) or full.returncode != 74:
            fail(f"a full disk is not said to be full: {full}")
        names = [f"squeezed-{number}" for number in range(40)]
        for name in names:
            run(daybook, "signup", "add", "--name", name, "--book", book)
        squeezed = run(daybook, "sync", "--book", book, check=False)
        if not isinstance(squeezed, subprocess.CompletedProcess) or squeezed.returncode != 69:
            fail(f"a head office without room is not told: {squeezed}")
        if run(daybook, "status", "--book", book)["unanswered"] != len(names):
            fail("a head office without room acknowledged something")
        os.unlink(where + "/ballast")
        run(daybook, "sync", "--book", book)
        listed = subprocess.run([server, "list", "signup", "--last", "50", "--folder", small, "--json"],
                                check=True, capture_output=True, text=True).stdout
        there = [record["fields"]["name"] for record in json.loads(listed)]
        if any(there.count(name) != 1 for name in names):
            fail("what was posted to a full disk is not there once when there is room")
        run(server, "store", "add", "Room", "--folder", small)
        end(serving)
        run(server, "verify", "--folder", small)
        return f"exit {full.returncode} at head office, {squeezed.returncode} on the laptop, then goes on"
    finally:
        if serving:
            end(serving, signal.SIGKILL)
        subprocess.run(["umount", where], capture_output=True)


def overwritten(backup):
    """A file whose middle is overwritten: said at once, left as it was, and the backup brings it back."""
    where = folder + "/rotten"
    run(server, "restore", backup, "--folder", where)
    path = where + "/office.daybook"
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        file.seek(size // 4)
        file.write(os.urandom(size // 2))
    bad = run(server, "verify", "--folder", where, check=False)
    if not isinstance(bad, subprocess.CompletedProcess) or bad.returncode not in (65, 72):
        fail(f"an overwritten file is not noticed: {bad}")
    again = subprocess.run([server, "backup", folder + "/of-rotten", "--folder", where], capture_output=True, text=True)
    if again.returncode == 0 or os.path.exists(folder + "/of-rotten"):
        fail("a damaged book was backed up as if it were sound")
    run(server, "restore", backup, "--folder", where)
    run(server, "verify", "--folder", where)
    return f"exit {bad.returncode}, restored"


def read_only(backup):
    """A book that cannot be written (root writes everything, so only as another user)."""
    if os.geteuid() == 0:
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if subprocess.run([*prefix, "true"], capture_output=True).returncode:
            return "not allowed to change the user here"
    else:
        prefix = []
    where = folder + "/read-only"
    run(server, "restore", backup, "--folder", where)
    for path, mode in ((folder, 0o755), (where, 0o777), (where + "/office.daybook", 0o444), (where + "/lock", 0o666)):
        if os.path.exists(path):
            os.chmod(path, mode)
    done = subprocess.run([*prefix, server, "status", "--folder", where], capture_output=True, text=True)
    if done.returncode != 74:
        fail(f"a read-only book is not said to be: {done.returncode} {done.stderr}")
    os.chmod(where + "/office.daybook", 0o666)
    run(server, "status", "--folder", where)
    return f"exit {done.returncode}, then goes on"


try:
    began = time.time()
    run(server, "init", "--name", "Kills", "--folder", office)
    run(server, "staff", "add", "P", "--folder", office)
    run(server, "event", "open", "E", "--folder", office)
    processes["server"], port = serve()
    start = run(server, "staff", "pin", "P", "--folder", office)["code"]
    books = []
    for number in range(3):
        code = run(server, "laptop", "add", f"L{number}", "--person", "P", "--scopes", "E", "--folder", office)["code"]
        book = f"{folder}/laptop{number}.daybook"
        run(daybook, "enrol", code, "--office", f"http://127.0.0.1:{port}", "--book", book)
        first_sync(book, start)
        books.append(book)
    processes.update((book, agent(book)) for book in books)
    kills = kill_under_load(books)
    there = check_all_there(books)
    print(f"kills: {kills['server']} of the server, {kills['agent']} of agents in {time.time() - began:.0f} s; "
          f"{len(acknowledged)} sign-ups acknowledged, {there} at head office, each once")
    print(f"restore: {check_restore(books)} sign-ups at head office after its disk was lost, each once")
    end(processes.pop("server"))
    backup = folder + "/second.daybook"
    run(server, "backup", backup, "--folder", office)
    print("full disk:", full_disk(backup))
    print("middle overwritten:", overwritten(backup))
    print("read-only:", read_only(backup))
finally:
    stopping.set()
    for process in processes.values():
        if process.poll() is None:
            process.kill()
            process.wait()
    shutil.rmtree(folder, ignore_errors=True)

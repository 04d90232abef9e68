/** The program that opens a pseudo terminal where there is no native module: python3's own library is enough. */

/**
 * Arguments: rows, columns, the command and its arguments. Standard input and output are the terminal's; on file 3 come
 * lines `<rows> <columns>`, and go `pid <number>` and at the end `exit <code> <signal>`. Nothing blocks anything else:
 * what one side does not take yet is kept, and the other side is read no further. Ends when the agent is gone, which
 * hangs the terminal up.
 */
export const PYTHON_BRIDGE = String.raw`
import fcntl, os, pty, select, signal, struct, sys, termios
rows, cols = int(sys.argv[1]), int(sys.argv[2])
command = sys.argv[3:]
CONTROL = 3
def resize(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
os.set_inheritable(CONTROL, False)
pid, master = pty.fork()
if pid == 0:
    try:
        for one in (signal.SIGPIPE, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(one, signal.SIG_DFL)
        os.umask(0o022)
        resize(0, rows, cols)
        os.execve(command[0], command, os.environ)
    except OSError as error:
        os.write(2, (command[0] + ": " + str(error) + "\r\n").encode())
    os._exit(127)
for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(one, signal.SIG_IGN)
wake, waker = os.pipe()
for fd in (0, 1, master, wake, waker):
    os.set_blocking(fd, False)
signal.signal(signal.SIGCHLD, lambda *ignored: None)
signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
os.write(CONTROL, b"pid %d\n" % pid)
def read(fd):
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return None
    except OSError:
        return b""
def write(fd, data):
    try:
        return data[os.write(fd, data):]
    except BlockingIOError:
        return data
    except OSError:
        if fd == 1:
            sys.exit(1)
        return b""
typed, printed, lines, status, is_open = b"", b"", b"", None, True
while is_open or printed:
    poll = select.poll()
    poll.register(CONTROL, select.POLLIN)
    poll.register(wake, select.POLLIN)
    poll.register(0, 0 if typed else select.POLLIN)
    poll.register(1, select.POLLOUT if printed else 0)
    if is_open:
        wanted = (select.POLLOUT if typed else 0) | (0 if printed else select.POLLIN)
        if wanted:
            poll.register(master, wanted)
    found = dict(poll.poll(0 if status is not None and not printed else None))
    if wake in found:
        read(wake)
    if status is None:
        done, result = os.waitpid(pid, os.WNOHANG)
        if done:
            status = result
    if CONTROL in found:
        data = read(CONTROL)
        if data == b"":
            sys.exit(1)
        *whole, lines = (lines + (data or b"")).split(b"\n")
        for line in whole:
            try:
                resize(master, *map(int, line.split()))
            except (OSError, TypeError, ValueError):
                pass
    if found.get(0, 0) & (select.POLLIN | select.POLLHUP) and not typed:
        data = read(0)
        if data == b"":
            sys.exit(1)
        typed = data or b""
    if typed and found.get(master, 0) & select.POLLOUT:
        typed = write(master, typed)
    if is_open and not printed and found.get(master, 0) & (select.POLLIN | select.POLLHUP | select.POLLERR):
        data = read(master)
        if data == b"":
            is_open = False
        printed = data or b""
    elif status is not None and not printed and master not in found:
        is_open = False
    if printed:
        printed = write(1, printed)
if status is None:
    status = os.waitpid(pid, 0)[1]
if os.WIFSIGNALED(status):
    os.write(CONTROL, b"exit - %d\n" % os.WTERMSIG(status))
else:
    os.write(CONTROL, b"exit %d -\n" % os.WEXITSTATUS(status))
`;

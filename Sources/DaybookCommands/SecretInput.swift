import DaybookWords
import Foundation

/// Asks for what must not be seen: without echo in a terminal, a line of standard input from a script.
public enum SecretInput {
    /// What the terminal was before; a signal handler puts it back.
    nonisolated(unsafe) private static var before = termios()

    /// Throws ``UsageFault`` when nothing is given.
    public static func ask(_ word: Word) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { return try line(word) }
        FileHandle.standardError.write(Data((word.text() + " ").utf8))
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return try line(word) }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Who gives up by Ctrl-C keeps a terminal that shows what is typed.
        let handler = signal(SIGINT) { _ in
            tcsetattr(STDIN_FILENO, TCSANOW, &SecretInput.before)
            _exit(130)
        }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSANOW, &before)
            _ = signal(SIGINT, handler)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        return try line(word)
    }

    private static func line(_ word: Word) throws -> String {
        guard let line = readLine(), !line.isEmpty else {
            throw UsageFault(Word.usageNothingTyped.text(word.text()))
        }
        return line
    }
}

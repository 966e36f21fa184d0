import DaybookModel
import Foundation

/// The two languages of the product.
public enum Language: Sendable, CaseIterable {
    case english
    case chinese

    /// As POSIX has it: LC_ALL over LC_MESSAGES over LANG. (Foundation's locale ignores them here.)
    public init(environment: [String: String]) {
        let named = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy
            .compactMap { environment[$0] }.first { !$0.isEmpty }
        self = named?.lowercased().hasPrefix("zh") == true ? .chinese : .english
    }

    /// The language of this process.
    public static let current = Language(environment: ProcessInfo.processInfo.environment)
}

extension Label {
    public func text(_ language: Language = .current) -> String {
        language == .chinese ? chinese : english
    }
}

extension Word {
    /// The word in a language, `%1`, `%2`, … replaced by the arguments.
    public func text(_ arguments: String..., language: Language = .current) -> String {
        var text = label.text(language)
        for (index, argument) in arguments.enumerated() {
            text = text.replacing("%\(index + 1)", with: argument)
        }
        return text
    }

    /// Both languages. A word without an entry is found by a test.
    public var label: Label {
        guard let (english, chinese) = WordTable.entries[self] else {
            return Label("[\(self)]", "[\(self)]")
        }
        return Label(english, chinese)
    }
}

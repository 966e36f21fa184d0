import DaybookWords

/// The department's rules as a person is told of them, by name.
public enum RuleWords {
    public static func text(_ rule: String) -> String {
        switch rule {
        case "lendsWhatThereIs": Word.ruleLends.text()
        case "awaitsLaptops": Word.ruleAwaits.text()
        case "withinShare": Word.ruleShare.text()
        case "not_next": Word.ruleNotNext.text()
        case "moved_on": Word.ruleMovedOn.text()
        default: Word.reasonRule.text(rule)
        }
    }
}

import DaybookModel
import DaybookOperations
import DaybookWords
import Testing

@Suite struct WordTests {
    @Test func `every word has both languages`() {
        for word in Word.allCases {
            let label = word.label
            #expect(!label.english.isEmpty && !label.english.hasPrefix("["), "\(word)")
            #expect(!label.chinese.isEmpty && !label.chinese.hasPrefix("["), "\(word)")
            #expect(label.english != label.chinese, "\(word)")
            #expect(label.chinese.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) })
        }
    }

    @Test func `both languages take the same arguments`() {
        for word in Word.allCases {
            for number in 1...6 {
                #expect(
                    word.label.english.contains("%\(number)")
                        == word.label.chinese.contains("%\(number)"), "\(word) %\(number)")
            }
        }
    }

    @Test func `the catalogue's labels are in both languages`() {
        for collection in Department.catalogue.collections {
            #expect(collection.label.english != collection.label.chinese)
            for field in collection.fields {
                #expect(
                    field.label.english != field.label.chinese, "\(collection.name).\(field.name)")
            }
        }
    }

    @Test(arguments: [
        (["LANG": "zh_CN.UTF-8"], Language.chinese), (["LANG": "en_US.UTF-8"], .english),
        (["LANG": "zh_CN", "LC_ALL": "C"], .english), ([:], .english),
        (["LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"], .chinese),
    ])
    func `the locale picks the language`(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }

    @Test func `Chinese names are aligned by display width`() {
        var table = TextTable(header: ["Name", "N"])
        table.add([.init("王小明"), .init("1", isNumber: true)])
        table.add([.init("Anna"), .init("22", isNumber: true)])
        #expect(table.lines == ["Name    N", "──────  ──", "王小明   1", "Anna    22"])
    }

    @Test func `control characters do not reach the terminal`() {
        var table = TextTable(header: ["x"])
        table.add([.init("a\u{1B}[31mb\nc")])
        #expect(table.lines.last == "a [31mb c")
    }
}

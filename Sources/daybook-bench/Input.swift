import DaybookModel

/// Deterministic input of the department's shape: visitors with Chinese and Latin names, phones of real prefixes,
/// notes on half of them, events of very different sizes.
struct Input {
    /// SplitMix64: the same on every machine.
    struct Random: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    struct Visitor {
        let name: String
        let phone: String
        let note: String?
        let getsGift: Bool
        /// Milliseconds since the one before.
        let after: Int64
        let event: Int
    }

    private static let surnames = Array(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢")
    private static let given = Array(
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅鹏辉斌波宇浩凯健俊帆雪琳晨欣怡佳嘉子涵梓轩雨泽思彤诗博文天一诺可馨依婷慧莹晶燕玲丹萍青松峰海")
    private static let latin = [
        "Smith", "Johnson", "Williams", "Wong", "Chan", "Lee", "Tan", "Lim", "Kumar", "Nguyen",
        "Kim", "Park", "Ivanov", "Müller", "Rossi", "Silva", "O'Brien", "Garcia", "Yamamoto",
    ]
    private static let first = [
        "James", "Mary", "Robert", "Linda", "David", "Anna", "Alice", "Tony", "Vivian", "Jacky",
        "Wei", "Mei", "Raj", "Priya", "Omar", "Hiro", "Yuki", "Chloé", "José", "Zoë",
    ]
    private static let prefixes = [
        "130", "131", "132", "133", "135", "136", "137", "138", "139", "150", "151", "152", "155",
        "158", "159", "166", "176", "177", "178", "180", "182", "185", "186", "187", "188", "189",
    ]
    private static let notes = [
        "会员介绍", "老客户", "两人同行", "walk-in", "VIP", "需回电", "已领赠品", "no gift left", "带小孩",
        "下午场", "referred by {l}", "朋友{c}推荐", "needs size {s}", "座位 {n}", "赠品编号 #{n}",
        "call back after {h}:00", "微信: wx_{n}", "三人同行，其中一位为{c}", "电话号码待核实",
    ]

    private var random: Random

    init(seed: UInt64) { random = Random(seed: seed) }

    mutating func number(_ range: Range<Int64>) -> Int64 { Int64.random(in: range, using: &random) }

    mutating func visitor(events: Int, every milliseconds: Int64) -> Visitor {
        let phone =
            pick(Self.prefixes) + String(String(100_000_000 + number(0..<100_000_000)).dropFirst())
        // Few events have most of the visitors.
        let share = Double.random(in: 0..<1, using: &random)
        return Visitor(
            name: name(), phone: phone, note: number(0..<2) == 0 ? note() : nil,
            getsGift: number(0..<100) < 62, after: 1 + number(0..<milliseconds * 2),
            event: Int(share * share * share * Double(events)))
    }

    private mutating func name() -> String {
        switch number(0..<100) {
        case ..<68: return chinese()
        case ..<93: return pick(Self.first) + " " + pick(Self.latin)
        default: return pick(Self.first) + " " + chinese()
        }
    }

    mutating func note() -> String {
        var text = oneNote()
        if number(0..<100) < 35 { text += pick(["，", "; ", " / "]) + oneNote() }
        return text
    }

    private mutating func oneNote() -> String {
        let fillings: [(String, String)] = [
            ("{l}", pick(Self.first) + " " + pick(Self.latin)), ("{c}", chinese()),
            ("{s}", pick(["S", "M", "L", "XL"])), ("{n}", "\(number(1..<2_000))"),
            ("{h}", "\(number(9..<21))"),
        ]
        return fillings.reduce(pick(Self.notes)) { $0.replacing($1.0, with: $1.1) }
    }

    private mutating func chinese() -> String {
        var name = String(pick(Self.surnames)) + String(pick(Self.given))
        if number(0..<100) < 78 { name.append(pick(Self.given)) }
        return name
    }

    mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int(number(0..<Int64(list.count)))]
    }
}

extension WordTable {
    /// People, their PINs and where they work.
    static let people: [Word: (String, String)] = [
        .loginAbstract: (
            "Log in with your PIN; the first time, choose one with a start code.",
            "用 PIN 登录；首次登录用启动码设置 PIN。"
        ),
        .logoutAbstract: ("Nobody works here any more.", "退出登录。"),
        .pinAbstract: ("Change your PIN on this laptop.", "修改本机的 PIN。"),
        .staffAssignAbstract: ("Say where somebody works.", "派驻人员到门店或活动。"),
        .staffUnassignAbstract: ("Say where somebody works no more.", "取消人员在门店或活动的派驻。"),
        .staffPinAbstract: (
            "Give somebody a start code, to choose a PIN on their laptops.", "发放启动码，供本人在电脑上设置 PIN。"
        ),
        .laptopPeopleAbstract: ("Say who may work on a laptop.", "设定可使用某台电脑的人员。"),
        .unitHelp: (
            "operations, procurement, warehouse, customer_service, after_sales, design, product_centre, sales or distribution: what the person has rights to.",
            "部门：operations、procurement、warehouse、customer_service、after_sales、design、product_centre、sales 或 distribution，决定其权限。"
        ),
        .startCodeGiven: ("%1's start code: %2", "%1 的启动码：%2"),
        .startCodeNext: (
            "It works once on each of their laptops, after its next sync: daybook login %1. PINs chosen before are good for nothing any more.",
            "在其每台电脑下次同步后可用一次：daybook login %1。以前设置的 PIN 随之失效。"
        ),
        .askPin: ("PIN:", "PIN 码："),
        .askStartCode: ("Start code from head office:", "总部发放的启动码："),
        .askNewPin: ("New PIN, at least 8 digits or letters:", "新 PIN，至少 8 位数字或字母："),
        .askNewPinAgain: ("The same again:", "再输入一次："),
        .loggedIn: (
            "%1 works here now, until logout, a restart or 12 hours.", "%1 已登录，至退出、重启或 12 小时后为止。"
        ),
        .eraseAbstract: (
            "Erase what names a person, on a lawful request; what happened stays.",
            "依法删除个人信息，业务事实保留。"
        ),
        .eraseHelp: (
            "The sign-up (or other record) whose person is erased: its id.", "要删除个人信息的登记（或其他记录）的编号。"
        ),
        .erased: (
            "Erased: %1 values in %2 records, and out of %3 kept postings, whose signatures still hold.",
            "已删除：%2 条记录中的 %1 项个人信息，并已从保留的 %3 批数据中移除，签名仍可验证。"
        ),
        .erasedNobody: (
            "Nothing of %1 names a person, or it was erased before. Nothing was changed.",
            "%1 中没有个人信息，或已删除过。未作更改。"
        ),
        .erasedNext: (
            "Laptops take it out at their next sync. Backups made before still hold it: make a new one, and do away with them. After a restore of one, erase again.",
            "各电脑将在下次同步时删除。此前的备份中仍有该信息：请重新备份并销毁旧备份。若从旧备份恢复，请再次删除。"
        ),
        .faultPersonalLocked: (
            "A person's name or number can be kept only while somebody is logged in who unlocked this laptop's personal keys. Nothing was written. Run daybook login; if that does not help, ask head office for a new start code (daybook-server staff pin) and sync.",
            "只有登录并解锁本机个人信息密钥后，才能记录姓名或电话。没有写入任何内容。请运行 daybook login；若仍不行，请向总部索取新的启动码（daybook-server staff pin）并同步。"
        ),
        .refusalPersonal: (
            "Head office could not open what names persons in a posting of this laptop. All of it is kept here, and nothing was recorded of that posting. Tell head office, which can take it without those names (daybook-server laptop nameless); do not wipe this laptop.",
            "总部无法打开本机某批数据中的个人信息。数据全部保留在本机，该批未被记录。请联系总部（可用 daybook-server laptop nameless 在缺少这些姓名的情况下接收），切勿清除本机。"
        ),
        .usageOnlyHint: (
            "Somebody with the number %1 has probably signed up, but it cannot be read here, and it may be another's. Nothing was written. If it is this one, say its id: %2 (daybook show signup %2).",
            "很可能已有号码为 %1 的登记，但本机无法读取号码，也可能是他人。没有写入任何内容。若确认是该登记，请使用编号：%2（daybook show signup %2）。"
        ),
        .eraseLogHeld: (
            "Something was reading the book: its log beside it still holds the text. Run daybook-server backup, or restart the server, to clear it.",
            "有程序正在读取账本，日志中仍有该内容。请运行 daybook-server backup 或重启服务以清除。"
        ),
        .recoveryNameless: (
            "Of %1 records the name of the person is not here: laptops keep it for head office alone, and no more than until a backup holds it.",
            "%1 条记录的个人姓名未能找回：电脑只为总部保存，且备份完成后即不再保留。"
        ),
        .sessionNoMemory: (
            "The personal keys cannot be kept in memory: %1 is not this user's alone. Nothing was written there. Remove it or set XDG_RUNTIME_DIR, and log in again.",
            "无法在内存中保存个人信息密钥：%1 不是当前用户专有。没有写入任何内容。请将其移除或设置 XDG_RUNTIME_DIR，然后重新登录。"
        ),
        .loggedInSealed: (
            "Head office has not given this laptop its personal keys for you: names and numbers cannot be written or read. Ask for a new start code and sync.",
            "总部尚未向您发放本机的个人信息密钥：无法记录或查看姓名和电话。请索取新的启动码并同步。"
        ),
        .loggedOut: ("Nobody is logged in any more.", "已退出登录。"),
        .pinChanged: ("The PIN was changed on this laptop.", "本机的 PIN 已修改。"),
        .usageWhoLogsIn: (
            "Say who logs in. On this laptop: %1", "请指明登录人员。本机人员：%1"
        ),
        .usagePinsDiffer: (
            "The two PINs are not the same. Nothing was changed; try again.",
            "两次输入的 PIN 不一致，未作更改，请重试。"
        ),
        .usageNothingTyped: (
            "Nothing was typed for \"%1\". Nothing was changed.", "未输入“%1”，未作更改。"
        ),
        .loginNotHere: (
            "As far as this laptop has heard, this person may not work on it, or nobody may. Nothing was changed. Sync first, or ask head office: daybook-server laptop people.",
            "据本机所知，此人（或任何人）不能使用这台电脑，未作更改。请先同步，或联系总部：daybook-server laptop people。"
        ),
        .loginNoStartCode: (
            "A start code is wanted, and none has arrived here that was not used. Ask head office for one (daybook-server staff pin) and sync.",
            "需要启动码，但本机没有收到未使用的启动码。请向总部索取（daybook-server staff pin），然后同步。"
        ),
        .loginStartCodeWanted: (
            "Choose a PIN first: daybook login asks for the start code.",
            "请先设置 PIN：daybook login 会要求输入启动码。"
        ),
        .loginWrong: (
            "Wrong. %1 tries are left before only a new start code helps; after five, each has to wait.",
            "不正确。还可尝试 %1 次，之后只能用新的启动码；五次之后每次都需等待。"
        ),
        .loginWait: (
            "Too many wrong tries: wait %1 minutes. Nothing is lost, and others can log in.",
            "错误次数过多，请等待 %1 分钟。数据没有丢失，其他人仍可登录。"
        ),
        .loginLocked: (
            "Locked after too many wrong tries. Nothing is lost, and others can log in. Ask head office for a new start code and sync.",
            "错误次数过多，已锁定。数据没有丢失，其他人仍可登录。请向总部索取新的启动码，然后同步。"
        ),
        .pinTooShort: (
            "At least %1 digits or letters: a shorter PIN is guessed too soon from a stolen laptop.",
            "至少 %1 位数字或字母：更短的 PIN 在电脑被盗后容易被猜出。"
        ),
        .pinTooLong: ("At most %1 characters.", "最多 %1 个字符。"),
        .pinTooSimple: (
            "Too easy to guess: not one digit again and again, and no run such as 12345678.",
            "过于简单：不能是重复的数字或 12345678 之类的连续数字。"
        ),
        .metricsAbstract: (
            "What the running server has counted, in Prometheus's text format.",
            "运行中服务器的计数，Prometheus 文本格式。"
        ),
        .adminNotServing: (
            "The server does not run, so it counts nothing: daybook-server serve.",
            "服务器未运行，没有计数：daybook-server serve。"
        ),
        .laptopNamelessAbstract: (
            "Take a laptop's postings though names in them cannot be opened: these names are lost.",
            "即使无法打开其中的个人信息，也接收某台电脑的上报：这些姓名将丢失。"
        ),
        .laptopNamelessNext: (
            "Let %1 sync. What happened is recorded then; names that can be opened are kept, the others are lost, and each such record is a matter. Afterwards take it back: daybook-server laptop nameless %1 --undo",
            "请让 %1 同步。所发生的事会入账；能打开的姓名会保留，其余丢失，并逐条列为待处理事项。之后请撤销：daybook-server laptop nameless %1 --undo"
        ),
        .laptopAllowAbstract: (
            "Take a laptop's postings again, after you looked at what it left to be settled.",
            "查看待处理事项后，恢复接收某台电脑的上报。"
        ),
        .laptopMatters: (
            "It left %1 MiB to be looked at: its postings wait there until daybook-server laptop allow %2. Nothing is lost.",
            "待人工处理的内容已达 %1 MiB：其上报暂停，待执行 daybook-server laptop allow %2 后继续，数据没有丢失。"
        ),
        .laptopRetireAbstract: (
            "Take a laptop out of service: a last sync, then a signed word that it may be wiped.",
            "停用电脑：最后一次同步后，出具可清除数据的签名凭证。"
        ),
        .laptopShowAbstract: ("All about one laptop, and what it holds.", "查看某台电脑及其保存的内容。"),
        .undoHelp: ("Take it back into service.", "撤销，恢复使用。"),
        .retireNext: (
            "%1 takes nothing new from its next sync on. When all that it holds is here and in a backup (daybook-server backup), its daybook status says that it may be wiped.",
            "%1 下次同步后不再接受新记录。待其全部内容已在总部且已备份（daybook-server backup），其 daybook status 会显示可以清除。"
        ),
        .retiring: ("going out of service", "停用中"),
        .safeToWipe: ("safe to wipe", "可清除"),
        .laptopHolds: (
            "Whoever has it has these scopes, as of its last sync; records:",
            "持有者拥有以下范围（截至最后一次同步）的记录数："
        ),
        .laptopPersonal: (
            "Of them these name somebody, sealed: with a PIN what is not posted yet can be read, and what the days of the scope allow:",
            "其中含个人信息（已加密）：凭 PIN 仅能查看尚未上传的，以及在所设天数内的："
        ),
        .laptopRevoked: (
            "It is refused, and is told so, whatever it sends.", "它发送的任何内容都会被拒绝并告知原因。"
        ),
        .headBooks: ("Lives of its book", "账本代数"),
        .bookRetiring: (
            "Head office is taking this laptop out of service: nothing was written. What is here is safe and goes to head office with the next sync. Use another laptop, or ask head office to take this one back (daybook-server laptop retire --undo).",
            "总部正在停用这台电脑，未写入任何内容。已有内容是安全的，会在下次同步时上报。请改用其他电脑，或请总部恢复使用（daybook-server laptop retire --undo）。"
        ),
        .statusRetiring: (
            "Going out of service: head office does not hold everything in a backup yet. Do not wipe it; sync again after the next backup.",
            "停用中：总部的备份尚未包含全部内容，请勿清除；待下次备份后再同步。"
        ),
        .statusWipeable: (
            "Safe to wipe: on %1 head office signed that it holds everything that is here.",
            "可以清除：总部于 %1 签名确认已保存本机全部内容。"
        ),
        .statusWorker: ("Logged in: %1", "当前登录：%1"),
        .statusNobody: ("Nobody is logged in: daybook login", "无人登录：daybook login"),
    ]
}

/// The one table of words, English and 简体中文.
enum WordTable {
    static let entries: [Word: (String, String)] =
        commands
        .merging(options) { first, _ in first }
        .merging(outcomes) { first, _ in first }
        .merging(faults) { first, _ in first }
        .merging(keeping) { first, _ in first }
        .merging(people) { first, _ in first }
        .merging(matters) { first, _ in first }

    private static let commands: [Word: (String, String)] = [
        .daybookAbstract: (
            "Daybook: write down what happens; it is posted when the line is there.",
            "日记账：随时记录，有网络时自动上报。"
        ),
        .serverAbstract: ("Daybook's head office.", "日记账总部服务。"),
        .enrolAbstract: ("Enrol this laptop with the code from head office.", "用总部给的注册码登记本电脑。"),
        .agentAbstract: ("Keep this book in step with head office until stopped.", "持续与总部同步，直到停止。"),
        .syncAbstract: ("Sync once, now.", "立即同步一次。"),
        .statusAbstract: ("How this book stands.", "查看本账本的状态。"),
        .inboxAbstract: ("Edits that head office refused, with the reason.", "总部拒绝的修改及原因。"),
        .addAbstract: ("Write a new record of any collection.", "新增任意类型的一条记录。"),
        .editAbstract: ("Change fields of a document.", "修改一条记录的字段。"),
        .removeAbstract: ("Take a document away.", "移除一条记录。"),
        .listAbstract: ("The last records of a collection.", "列出某类最近的记录。"),
        .showAbstract: ("One record, whole, with its disputes.", "完整显示一条记录及其争议。"),
        .importAbstract: (
            "Take in a CSV file, checked whole before anything is written.", "导入CSV文件，先整体检查再写入。"
        ),
        .exportAbstract: ("Write a collection as CSV.", "将某类记录导出为CSV。"),
        .signupAbstract: ("Visitors' sign-ups.", "资料登记。"),
        .signupAddAbstract: ("Register a visitor.", "登记一位访客。"),
        .giftAbstract: ("Gifts handed out.", "礼品发放。"),
        .giftGiveAbstract: ("Hand out a gift for a sign-up.", "为一条登记发放礼品。"),
        .countAbstract: ("Stock counts.", "盘点。"),
        .countStartAbstract: ("Begin a count of a store or shelf.", "开始盘点某门店或货架。"),
        .countLineAbstract: ("Write down what was counted of a product.", "记录某商品的实盘数。"),
        .countFinishAbstract: ("Say that the count is finished.", "结束盘点。"),
        .stockAbstract: ("Stock movements and stock on hand.", "库存变动与库存。"),
        .stockMoveAbstract: ("Move stock; negative takes away.", "记录库存变动，负数为减少。"),
        .stockShowAbstract: ("Stock on hand as this book knows it.", "本账本所知的库存。"),
        .loanAbstract: ("Materials lent and brought back.", "物料借还。"),
        .loanOutAbstract: ("Lend material out.", "借出物料。"),
        .loanBackAbstract: ("Take material back.", "归还物料。"),
        .saleAbstract: ("Sales and returns.", "销售与退货。"),
        .saleAddAbstract: (
            "Sell at this book's prices; negative quantities are returns.", "按本账本价格销售，负数为退货。"
        ),
        .initAbstract: ("Make head office's book of a new organisation.", "为新组织建立总部账本。"),
        .serveAbstract: ("Serve laptops until stopped.", "为各电脑提供服务，直到停止。"),
        .officeStatusAbstract: ("How head office's book stands.", "查看总部账本的状态。"),
        .figuresAbstract: ("The figures.", "数据总览。"),
        .storeAbstract: ("Stores.", "门店。"),
        .staffAbstract: ("Staff.", "员工。"),
        .eventAbstract: ("Events and their sign-up forms.", "活动及其登记表。"),
        .laptopAbstract: ("Laptops.", "电脑。"),
        .storeAddAbstract: ("Add a store.", "新增门店。"),
        .staffAddAbstract: ("Add somebody who works here.", "新增员工。"),
        .eventOpenAbstract: ("Open an event.", "开设活动。"),
        .questionAddAbstract: ("Add a question to an event's sign-up form.", "为活动登记表增加问题。"),
        .laptopAddAbstract: ("Assign a laptop; prints its one-time code.", "分配电脑并给出一次性注册码。"),
        .laptopListAbstract: ("All laptops and when they were heard from.", "所有电脑及最近联系时间。"),
        .laptopScopesAbstract: ("Set the stores and events that a laptop holds.", "设置电脑所属的门店与活动。"),
        .laptopRevokeAbstract: ("Take a laptop out of service.", "停用一台电脑。"),
        .laptopCodeAbstract: (
            "Another code for a laptop that was never heard from.", "为尚未联系过总部的电脑重新发码。"
        ),
        .proveAbstract: (
            "Show the signed postings that a record came in, and verify them again.",
            "查看一条记录所在的已签名批次，并重新验证。"
        ),
        .receiptsAbstract: (
            "What head office has signed that it holds of this laptop.", "总部已签名确认收到的内容。"
        ),
        .demoAbstract: (
            "Play a road-show day with real laptops, a cut line and a kill.", "演示路演日：真实进程、断网与强制终止。"
        ),
        .officeEditAbstract: ("Change a field of a document.", "修改一条记录的字段。"),
    ]

    private static let options: [Word: (String, String)] = [
        .bookHelp: (
            "The book's file ($DAYBOOK_BOOK, else in your data folder).",
            "账本文件（$DAYBOOK_BOOK，默认在用户数据目录）。"
        ),
        .officeAddressHelp: (
            "What laptops call head office by, HOST:PORT.", "电脑访问总部所用的地址，主机:端口。"
        ),
        .certificateHelp: (
            "A certificate chain in PEM, in place of head office's own; read again when it changes.",
            "PEM 证书链，代替总部自签证书；文件更新后自动重新读取。"
        ),
        .certificateKeyHelp: ("The certificate's key in PEM.", "证书私钥（PEM）。"),
        .tlsHelp: ("Encrypt on this machine, too.", "本机回环地址也加密。"),
        .plainHTTPHelp: (
            "Do NOT encrypt: only behind a proxy that does. Everybody on the way can read and change everything.",
            "不加密：仅限由代理负责加密时使用。否则沿途任何人都可读取并篡改。"
        ),
        .folderHelp: (
            "Head office's folder ($DAYBOOK_OFFICE, else ./daybook-office).",
            "总部目录（$DAYBOOK_OFFICE，默认./daybook-office）。"
        ),
        .jsonHelp: ("Print JSON for scripts.", "以JSON输出，供脚本使用。"),
        .officeHelp: ("Head office's address, http://HOST:PORT.", "总部地址，http://主机:端口。"),
        .codeHelp: ("The one-time code from head office.", "总部给的一次性注册码。"),
        .personHelp: ("Name or id of the person.", "人员姓名或编号。"),
        .collectionHelp: ("The collection's name, such as product.", "类型名称，如 product。"),
        .assignmentsHelp: (
            "FIELD=VALUE, as often as needed; an empty value empties the field.",
            "字段=值，可多个；值为空表示清空。"
        ),
        .recordHelp: ("The record's id or natural key.", "记录编号或关键字。"),
        .settleHelp: ("Settle a dispute: replace every value that is kept.", "解决争议：替换所有保留的值。"),
        .lastHelp: ("How many, at most.", "最多显示多少条。"),
        .fileHelp: ("The file.", "文件。"),
        .kindHelp: ("shopify, baskets, or a collection's name.", "shopify、baskets 或类型名称。"),
        .keepGoingHelp: (
            "Take the good rows and write the bad ones with reasons to FILE.rejected.csv.",
            "导入正确的行，错误的行及原因写入 文件.rejected.csv。"
        ),
        .oneByOneHelp: (
            "Make each row an entry of its own, as if typed: slower, and each is safe at once.",
            "每行单独记为一笔，如同手工录入：较慢，但逐笔落盘。"
        ),
        .encodingHelp: ("utf-8 or gb18030; found out when left away.", "utf-8 或 gb18030；省略则自动识别。"),
        .checkHelp: ("Also check the whole file, page by page.", "同时逐页检查整个文件。"),
        .eventHelp: ("Event: name or id.", "活动：名称或编号。"),
        .boothHelp: ("Booth.", "展位。"),
        .nameHelp: ("Name.", "名称。"),
        .phoneHelp: ("Telephone number.", "电话号码。"),
        .noteHelp: ("Note.", "备注。"),
        .answerHelp: (
            "QUESTION=ANSWER of the event's form; several choices by |.", "登记表的 问题=回答；多选用 | 分隔。"
        ),
        .signupHelp: ("Sign-up: id or telephone number.", "登记：编号或电话。"),
        .productHelp: ("Product: key or id.", "商品：货号或编号。"),
        .quantityHelp: ("How many.", "数量。"),
        .storeHelp: ("Store: name or id.", "门店：名称或编号。"),
        .countHelp: ("Stock count: id.", "盘点：编号。"),
        .placeHelp: ("Shelf or place.", "货架或位置。"),
        .movementKindHelp: (
            "receipt, issue, sale, return, back, transfer_out, transfer_in, gift, damage, adjustment.",
            "类型代码：receipt 入库、issue 出库、sale 销售、return 退货、back 退库、transfer_out 调出、transfer_in 调入、gift 赠品、damage 报损、adjustment 盘盈盘亏。"
        ),
        .itemHelp: ("What is lent: X-stand, camera, vehicle …", "借用物料：X展架、相机、车辆等。"),
        .holderHelp: ("Who has it.", "领用人。"),
        .damageHelp: ("What is damaged.", "损坏情况。"),
        .linesHelp: ("PRODUCT or PRODUCT=QUANTITY, as often as needed.", "商品 或 商品=数量，可多个。"),
        .paymentHelp: (
            "cash, wechat, alipay or card.", "支付方式代码：cash 现金、wechat 微信、alipay 支付宝、card 银行卡。"
        ),
        .keyHelp: ("Receipt number.", "小票号。"),
        .currencyHelp: ("Currency (ISO 4217), such as CNY.", "币种（ISO 4217），如 CNY。"),
        .hostHelp: (
            "Address to listen on; encrypted unless it is this machine's own.", "监听地址；非本机回环地址一律加密。"
        ),
        .portHelp: ("Port; 0 takes a free one.", "端口；0 表示自动选择。"),
        .scopesHelp: ("Stores and events, by name or id.", "门店与活动的名称或编号。"),
        .rankHelp: (
            "director, manager, deputy, supervisor, specialist or promoter.",
            "职级代码：director 总监、manager 经理、deputy 副经理、supervisor 主管、specialist 专员、promoter 推广员。"
        ),
        .addressHelp: ("Address.", "地址。"),
        .startsOnHelp: ("First day, YYYY-MM-DD.", "开始日期，YYYY-MM-DD。"),
        .promptHelp: ("The question's words.", "问题内容。"),
        .questionKindHelp: (
            "text, number, choice, choices, day, phone or photo.",
            "类型代码：text 文本、number 数字、choice 单选、choices 多选、day 日期、phone 电话、photo 照片。"
        ),
        .choicesHelp: ("The choices, separated by |.", "选项，用 | 分隔。"),
        .requiredHelp: ("An answer is required.", "必须回答。"),
        .reportHelp: ("Which figures: figures or stock.", "报表名称：figures 总览、stock 库存。"),
        .monthHelp: ("Month that baskets are spread over, YYYY-MM.", "购物篮所属月份，YYYY-MM。"),
        .productsHelp: ("Product catalogues (Shopify CSV).", "商品目录（Shopify CSV）。"),
        .basketsHelp: ("Till baskets.", "收银购物篮文件。"),
        .outputHelp: ("The file to write; the terminal when left away.", "输出文件；省略则输出到终端。"),
        .demoFolderHelp: ("Where to leave the demo's files.", "演示文件的存放位置。"),
    ]
}

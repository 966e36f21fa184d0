extension WordTable {
    /// What people must settle.
    static let matters: [Word: (String, String)] = [
        .mattersAbstract: ("What somebody must settle.", "需要有人处理的事项。"),
        .mattersListAbstract: (
            "List what is open, the most urgent first.", "列出未处理的事项，最紧急的在前。"
        ),
        .mattersShowAbstract: (
            "Show one with both sides, and what can be done.", "显示一项的各方情况及可选处理方式。"
        ),
        .mattersSettleAbstract: (
            "Settle one, or all of a kind.", "处理一项，或同类全部。"
        ),
        .mattersUndoAbstract: ("Take a settlement back.", "撤销一次处理。"),
        .matterKindHelp: ("Only matters of this kind (repeatable).", "只看此类事项（可重复）。"),
        .matterPlaceHelp: ("Only of this store or event.", "只看此门店或活动。"),
        .gradeHelp: (
            "The least urgent wanted: information, attention, urgent.",
            "最低级别：information、attention、urgent。"
        ),
        .mostHelp: ("How many at most.", "最多多少项。"),
        .mattersAllHelp: (
            "Settled and overtaken ones too.", "包括已处理和已失效的。"
        ),
        .everyoneHelp: (
            "Others' too, not only what you may settle.", "也列出应由他人处理的。"
        ),
        .matterCodeHelp: ("The matter's code, as listed.", "列表中的事项编号。"),
        .settleAsHelp: ("How, as shown by \"matters show\".", "处理方式，见 matters show。"),
        .settlementHelp: ("The settlement's id, as shown.", "处理结果的编号。"),
        .usageMatterKind: (
            "There are no matters of the kind \"%1\". Kinds: %2", "没有“%1”这类事项。可用：%2"
        ),
        .usageGrade: ("\"%1\" is no grade. Grades: %2", "没有级别“%1”。可用：%2"),
        .usagePlace: (
            "No store, event or organisation is called \"%1\" here. Nothing was changed.",
            "这里没有名为“%1”的门店、活动或组织，未作更改。"
        ),
        .usageChoice: (
            "\"%1\" is no way to settle it. Nothing was changed. Possible: %2",
            "不能按“%1”处理，未作更改。可选：%2"
        ),
        .usageWhichMatter: (
            "Say which: a code, or --kind for all of one kind. Nothing was changed.",
            "请指明事项编号，或用 --kind 处理同类全部，未作更改。"
        ),
        .matterUnknown: (
            "No such matter is open here: %1. Nothing was changed; \"matters --all\" lists closed ones too.",
            "这里没有这一未处理事项：%1，未作更改；matters --all 也列出已关闭的。"
        ),
        .matterNoChoice: (
            "%1 closes itself when the missing facts arrive; nobody can settle it. Nothing was changed.",
            "%1 在缺少的记录到达后会自行关闭，无需人工处理，未作更改。"
        ),
        .mattersEmpty: ("Nothing is open.", "没有未处理的事项。"),
        .mattersMore: ("%1 of %2 are shown; --most shows more.", "显示 %2 项中的 %1 项；用 --most 显示更多。"),
        .mattersNext: (
            "\"matters show CODE\" tells both sides and what can be done.",
            "用 matters show 编号 查看各方情况及处理方式。"
        ),
        .mattersSettled: ("%1 settled.", "已处理 %1 项。"),
        .mattersSettledHere: (
            "%1 settled; head office hears of it at the next sync.", "已处理 %1 项；下次同步后总部即知。"
        ),
        .settlementUndone: (
            "It does not hold any more; the matter is open again if its cause is still there.",
            "该处理已撤销；若原因仍在，事项重新打开。"
        ),
        .gradeInformation: ("information", "提示"), .gradeAttention: ("attention", "注意"),
        .gradeUrgent: ("urgent", "紧急"), .matterOpen: ("open", "未处理"),
        .matterSettled: ("settled", "已处理"), .matterOvertaken: ("overtaken", "已失效"),
        .matterOvertakenWhy: (
            "Closed by itself: other facts explain it by now, or it became part of another matter.",
            "已自行关闭：其他记录已说明原因，或已并入另一事项。"
        ),
        .matterSettledBy: ("Settled as %1 by %2, %3 (settlement %4)", "%2 于 %3 处理为 %1（编号 %4）"),
        .matterFor: ("To settle it, there: %1", "由该处以下人员处理：%1"),
        .matterChoices: ("What can be done:", "可选处理方式："),
        .matterClosesItself: (
            "Nothing: it closes itself when the missing facts arrive.", "无需处理：缺少的记录到达后自行关闭。"
        ),
        .matterOwnClock: ("by its own clock %1", "本机时钟 %1"),
        .matterArrived: ("arrived %1", "到达 %1"),
        .matterNoticed: (
            "⚠ %1 (%2: daybook matters show %2)", "⚠ %1（%2，详见 daybook matters show %2）"
        ),
        .byOffice: ("head office", "总部"), .headCode: ("Code", "编号"),
        .headGrade: ("Grade", "级别"), .headMatter: ("Matter", "事项"),
        .headPlace: ("Place", "地点"),
        .noEffect: ("takes no effect", "不生效"),
        .stockExplainAbstract: (
            "The facts behind a product's stock, with the running balance.", "商品库存的依据及逐笔结存。"
        ),
        .explainAtHelp: ("As of this moment (2026-05-01T12:00Z).", "截至此时刻（2026-05-01T12:00Z）。"),
        .explainKnownHelp: (
            "By what head office knew then, not by what it knows now.", "按总部当时所知，而非现在所知。"
        ),
        .decideAbstract: (
            "Agree that an event, product or proposal moves to its next stage, or not.",
            "同意或不同意活动、商品或提案进入下一阶段。"
        ),
        .decideAboutHelp: ("Event, product or proposal: name or id.", "活动、商品或提案：名称或编号。"),
        .decideStageHelp: ("The stage asked for.", "申请进入的阶段。"),
        .decideNoHelp: ("Do not agree.", "不同意。"),
        .whyHelp: ("Why.", "理由。"),
        .decisionsAbstract: (
            "List decisions and what became of them.", "列出决策及其结果。"
        ),
        .decidedHere: (
            "A request (%1): it takes effect when head office has it and finds it in order; \"decisions\" shows what became of it.",
            "已提交申请（%1）：总部收到并核实后生效；用 decisions 查看结果。"
        ),
        .decided: (
            "Decided (%1); \"decisions\" shows what became of it.", "已决策（%1）；用 decisions 查看结果。"
        ),
        .usageNoStages: (
            "No event, product or proposal is called \"%1\" here. Nothing was written.",
            "这里没有名为“%1”的活动、商品或提案，未写入任何内容。"
        ),
        .milestonesAbstract: (
            "What is due before and after each event, and what is late.", "各活动的里程碑及逾期情况。"
        ),
        .eventCloseAbstract: (
            "Sum an event up: what it came to, what does not add up, who is still out; again later it says what changed.",
            "总结活动：数据、不符之处、未同步的电脑；再次运行时列出变化。"
        ),
        .csvHelp: ("As CSV for a spreadsheet.", "以 CSV 输出。"),
        .lookOnlyHelp: ("Only look: nothing is written.", "仅查看，不写入。"),
        .eventClosed: (
            "Summed up. What laptops bring later is taken in; run it again and it says what changed.",
            "已总结。之后到达的内容照常入账；再次运行将列出变化。"
        ),
        .allowanceAbstract: (
            "Shares of limited quantities, lent to laptops.", "限量商品分配给各电脑的额度。"
        ),
        .allowanceSupplyAbstract: (
            "Say how much there is of something limited.", "登记某商品的限量。"
        ),
        .allowanceLendAbstract: ("Lend a share to a laptop.", "给一台电脑分配额度。"),
        .allowanceWriteOffAbstract: (
            "Take a share back without its holder's word.", "未经持有人交回，直接核销额度。"
        ),
        .allowanceListAbstract: (
            "List what is lent, issued and left.", "列出已分配、已发放和剩余数量。"
        ),
        .allowanceCloseAbstract: (
            "Give back what is left of this laptop's share.", "交回本机剩余的额度。"
        ),
        .allowanceHelp: ("The allowance's id, as listed.", "额度编号，见列表。"),
        .placeNameHelp: ("Store or event: name or id.", "门店或活动：名称或编号。"),
        .laptopNameHelp: ("The laptop's name.", "电脑名称。"),
        .beyondShareHelp: (
            "Record it though the laptop's share is used up; head office will look at it.",
            "即使本机额度已用完也如实记录，由总部处理。"
        ),
        .lent: ("Lent %1 to %2 (%3); it hears of it at its next sync.", "已分配 %1 给 %2（%3）；下次同步后生效。"),
        .actShare: (
            "Of \"%1\" this laptop's share has %2 left. Nothing was written. If it was handed out all the same, record it with --beyond-share.",
            "本机“%1”的额度还剩 %2，未写入任何内容。若确已发放，请用 --beyond-share 如实记录。"
        ),
        .actHolder: (
            "That share was lent to %1, which alone gives it back. Nothing was written.",
            "该额度分配给了 %1，只能由它交回，未写入任何内容。"
        ),
        .ruleLends: (
            "That is more than is left to lend. Nothing was written; \"allowance list\" shows what is left, \"allowance supply\" adds to it.",
            "超过尚可分配的数量，未写入任何内容。用 allowance list 查看余量，用 allowance supply 增加。"
        ),
        .ruleAwaits: (
            "Head office has lost something and still awaits laptops that may hold it (daybook-server recovery): until they have reported it lends nothing. Nothing was written.",
            "总部数据曾有丢失，仍在等待相关电脑同步（daybook-server recovery）；在此之前不能分配额度，未写入任何内容。"
        ),
        .ruleNotNext: (
            "That stage is not the next one: stages move one at a time. It takes no effect.",
            "该阶段不是下一阶段：只能逐阶段推进。不生效。"
        ),
        .ruleMovedOn: (
            "What was decided on had changed at head office by then. It takes no effect: look at it as it is now, and decide anew.",
            "所决策的内容在总部已变更，不生效：请查看现状后重新决策。"
        ),
        .ruleShare: (
            "There is a limit, and the share it names has not so much left. Nothing was written.",
            "该商品限量，所用额度余量不足，未写入任何内容。"
        ),
        .couponHelp: ("The coupon's code.", "优惠券券码。"),
        .saleReturnAbstract: (
            "Take back what was sold; the sale may be on another laptop still.",
            "退货；原销售可以尚在另一台电脑上。"
        ),
        .returnedSaleHelp: ("The sale's id or key.", "原销售的编号或单号。"),
        .usageMoment: (
            "\"%1\" is no moment. Write it as 2026-05-01T12:00Z.", "“%1”不是时刻，请写成 2026-05-01T12:00Z。"
        ),
    ]
}

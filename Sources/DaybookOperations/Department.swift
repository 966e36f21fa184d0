import DaybookModel

/// The department's catalogue: every kind of thing that it writes down.
public enum Department {
    public static let catalogue = Catalogue(
        version: 2,
        collections: [
            Organisation.definition, Store.definition, Staff.definition, Product.definition,
            Price.definition, Event.definition, Question.definition, SignUp.definition,
            Answer.definition, Gift.definition, Loan.definition, Movement.definition,
            Count.definition, CountLine.definition, Sale.definition, SaleLine.definition,
            Assignment.definition, Settlement.definition, Supply.definition, Allowance.definition,
            Handback.definition, Cost.definition, EventSummary.definition, Step.definition,
            Proposal.definition, Decision.definition, DecisionOutcome.definition, Told.definition,
            Milestone.definition,
        ],
        reports: [
            Figures.report, Figures.stock, CountFigures.explain, Prices.stale, Allowances.report,
            EventClosing.report, Decisions.report, EventRules.milestones,
        ],
        standing: standing,
        settling: settling)
}

import DaybookModel

/// Duties of the department's rules (人员与权限): what the people of a unit, and supervisors, are here for.
extension Duty {
    static let operations = Duty("operations")
    static let procurement = Duty("procurement")
    static let warehouse = Duty("warehouse")
    static let customerService = Duty("customer_service")
    static let afterSales = Duty("after_sales")
    static let design = Duty("design")
    static let productCentre = Duty("product_centre")
    static let sales = Duty("sales")
    static let distribution = Duty("distribution")
    static let supervision = Duty("supervision")
}

extension Rights.Holder {
    /// Managers only: they may everything.
    static let managers = Rights.Holder.duties([])
}

extension Department {
    /// Whose something is, as people say it; managers may everything.
    public static func labels(of holder: Rights.Holder) -> [Label] {
        let managers = Label("managers", "经理")
        switch holder {
        case .everybody: return [Label("whoever works there", "在该处工作的人员")]
        case .headOffice: return [Label("head office", "总部")]
        case .duties(let duties):
            guard case .choice(let units) = Staff.unit.definition.type else { return [managers] }
            let supervisors =
                duties.contains(.supervision) ? [Label("supervisors", "主管")] : []
            return units.filter { duties.contains(Duty($0.code)) }.map(\.label) + supervisors
                + [managers]
        }
    }

    /// A manager may operate and manage everything of the department; everybody else has the rights of their duty, in
    /// the stores and events that they are assigned to, and what belongs to the whole organisation.
    static let standing: StandingRule = { person, scope, view in
        guard let staff = try view.record(person, in: "staff"), try view.isOfHeadOffice(person)
        else { return .none }
        let rank = staff[Staff.rank] ?? ""
        guard !["director", "manager", "deputy"].contains(rank) else { return .everything }
        if scope != view.organisation {
            let assigned = try view.records(in: "assignment", where: "person", is: person.value)
            guard
                try assigned.contains(where: {
                    try Assignment.place(of: $0) == scope && view.isOfHeadOffice($0.id)
                })
            else { return .none }
        }
        var duties: Set<Duty> = rank == "supervisor" ? [.supervision] : []
        if let unit = staff[Staff.unit] { duties.insert(Duty(unit)) }
        return .works(duties)
    }
}

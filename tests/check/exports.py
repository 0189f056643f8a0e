"""Folders with the headers of well-known systems' exports; the rows are made up by a seeded generator."""
# ruff: noqa: E501 - lists of headers read best as they stand in an export

import csv
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

FIRMS = ["Alder Ltd", "Birch GmbH", "Cedar Inc", "Dogwood AG", "Elm Co", "Fir plc", "Gorse Ltd", "Hazel Inc"]
REPS = ["Ann Lee", "Bo Kim", "Cy Roe", "Di Fox", "Ed Poe"]
公司 = ["华兴机械有限公司", "东方电气有限公司", "蓝天化工有限公司", "金海食品有限公司", "长江水务有限公司"]
业务员 = ["王伟", "李娜", "张敏", "刘洋"]


def _write(path: Path, head: list[str], rows: list[list[object]], encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([head, *rows])


def salesforce(folder: Path) -> None:
    """An opportunity report without ids, accounts, and quotas a month."""
    r = random.Random(1)
    stages = ["Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost"]
    rows = []
    for i in range(120):
        begun = date(2025, 1, 2) + timedelta(days=2 * i)
        stage = r.choice(stages[-2:]) if i < 90 else r.choice(stages[:4])
        amount = r.randint(2, 90) * 1000
        rows.append([
            r.choice(REPS), FIRMS[i % 8], f"{FIRMS[i % 8]} - {i // 8 + 1}", stage, f"Q{(begun.month + 2) // 3}-2025",
            f"USD {amount:,.2f}", f"USD {amount / 2:,.2f}", r.randint(0, 100), i,
            (begun + timedelta(days=40)).strftime("%m/%d/%Y"), begun.strftime("%m/%d/%Y"), "Call again",
            r.choice(["Web", "Partner", "Phone Inquiry"]), r.choice(["New Customer", "Existing Customer - Upgrade"]),
        ])  # fmt: skip
    _write(folder / "report1695894839.csv", [
        "Opportunity Owner", "Account Name", "Opportunity Name", "Stage", "Fiscal Period", "Amount", "Expected Revenue",
        "Probability (%)", "Age", "Close Date", "Created Date", "Next Step", "Lead Source", "Type",
    ], rows)  # fmt: skip
    _write(folder / "Accounts.csv", ["Account Name", "Account Owner", "Industry", "Billing City"],
           [[f, r.choice(REPS), "Technology", "Boston"] for f in FIRMS])  # fmt: skip


def hubspot(folder: Path) -> None:
    """All deals, as the CRM exports them."""
    r = random.Random(2)
    stages = ["Appointment scheduled", "Qualified to buy", "Contract sent", "Closed won", "Closed lost"]
    rows = []
    for i in range(100):
        begun = date(2025, 1, 6) + timedelta(days=2 * i)
        stage = r.choice(stages[-2:]) if i < 80 else r.choice(stages[:3])
        rows.append([
            9000000 + i, f"Deal {i}", stage, f"{begun + timedelta(days=30)} 00:00", r.choice(REPS), r.randint(500, 9000),
            f"{begun} 09:30", "Sales Pipeline", "newbusiness", FIRMS[i % 8],
            r.choice(["Price", "Timing"]) if stage == "Closed lost" else "", r.choice(["Organic search", "Referrals"]),
        ])  # fmt: skip
    _write(folder / "hubspot-crm-exports-all-deals-2025-09-30.csv", [
        "Record ID", "Deal Name", "Deal Stage", "Close Date", "Deal owner", "Amount", "Create Date", "Pipeline",
        "Deal Type", "Associated Company", "Closed Lost Reason", "Original Traffic Source",
    ], rows)  # fmt: skip


def odoo(folder: Path) -> None:
    """Sales orders with quotations among them."""
    r = random.Random(3)
    rows = []
    for i in range(100):
        net = r.randint(100, 9000)
        rows.append([
            f"S{i:05d}", f"{date(2025, 1, 6) + timedelta(days=2 * i)} 09:54:51", r.choice(FIRMS), r.choice(REPS),
            r.choice(["Europe", "America"]), "My Company", net, round(net * 0.2, 2), round(net * 1.2, 2),
            r.choice(["Sales Order"] * 6 + ["Quotation", "Quotation Sent", "Cancelled", "Locked"]), "Fully Invoiced",
        ])  # fmt: skip
    _write(folder / "Sales Order (sale.order).csv", [
        "Order Reference", "Order Date", "Customer", "Salesperson", "Sales Team", "Company", "Untaxed Amount", "Taxes",
        "Total", "Status", "Invoice Status",
    ], rows)  # fmt: skip


def kingdee(folder: Path) -> None:
    """金蝶: 销售订单列表，含未审核单据。"""
    r = random.Random(4)
    rows = []
    for i in range(120):
        count, price = r.randint(1, 90), r.randint(10, 400)
        rows.append([
            f"XSDD{i:06d}", f"2025/{1 + i % 9}/{1 + i % 27}", r.choice(公司), r.choice(["销售一部", "销售二部"]), r.choice(业务员),
            r.choice(["已审核"] * 8 + ["创建", "审核中"]), "未关闭", f"01.{i % 6:03d}", f"水泵{i % 6}型", "台", count, price,
            13, round(count * price * 0.13, 2), count * price, round(count * price * 1.13, 2),
        ])  # fmt: skip
    _write(folder / "销售订单列表_20250930.csv", [
        "单据编号", "日期", "客户", "销售部门", "销售员", "单据状态", "关闭状态", "物料编码", "物料名称", "销售单位", "销售数量", "单价", "税率%",
        "税额", "金额", "价税合计",
    ], rows, "gb18030")  # fmt: skip


def yonyou(folder: Path) -> None:
    """用友: 销售订单列表，部门在另一个文件中。"""
    r = random.Random(5)
    rows = []
    for i in range(120):
        count, price = r.randint(1, 90), r.randint(10, 400)
        rows.append([
            "普通销售", f"SO2025{i:05d}", f"2025-{1 + i % 9:02d}-{1 + i % 27:02d}", f"C{i % 5:03d}", 公司[i % 5], "人民币", 业务员[i % 4],
            f"INV{i % 6:02d}", f"阀门{i % 6}型", "DN50", "只", count, price, round(count * price, 2),
            round(count * price * 0.13, 2), round(count * price * 1.13, 2), "张三",
        ])  # fmt: skip
    _write(folder / "销售订单.csv", [
        "业务类型", "订单号", "订单日期", "客户编码", "客户简称", "币种", "业务员", "存货编码", "存货名称", "规格型号", "主计量", "数量", "无税单价",
        "无税金额", "税额", "价税合计", "制单人",
    ], rows)  # fmt: skip
    _write(folder / "人员部门对照.csv", ["人员", "所属部门"],
           [[who, "一部" if i < 2 else "二部"] for i, who in enumerate(业务员)])  # fmt: skip


SYSTEMS: dict[str, Callable[[Path], None]] = {
    "salesforce": salesforce, "hubspot": hubspot, "odoo": odoo, "kingdee": kingdee, "yonyou": yonyou,
}  # fmt: skip

RIGHT = {
    "salesforce": {
        "opportunities.opportunity_id": "Opportunity Name", "opportunities.created_date": "Created Date",
        "opportunities.close_date": "Close Date", "opportunities.stage": "Stage", "opportunities.status": "Stage",
        "opportunities.amount": "Amount", "opportunities.customer": "Account Name",
        "opportunities.rep": "Opportunity Owner", "opportunities.lead_source": "Lead Source",
        "customers.customer": "Account Name", "customers.owner": "Account Owner", "customers.industry": "Industry",
    },
    "hubspot": {
        "opportunities.opportunity_id": "Record ID", "opportunities.created_date": "Create Date",
        "opportunities.close_date": "Close Date", "opportunities.stage": "Deal Stage",
        "opportunities.status": "Deal Stage", "opportunities.amount": "Amount",
        "opportunities.customer": "Associated Company", "opportunities.rep": "Deal owner",
        "opportunities.lead_source": "Original Traffic Source", "opportunities.lost_reason": "Closed Lost Reason",
    },
    "odoo": {
        "orders.order_id": "Order Reference", "orders.order_date": "Order Date", "orders.customer": "Customer",
        "orders.rep": "Salesperson", "orders.team": "Sales Team", "orders.amount": "Total|Untaxed Amount",
        "orders.status": "Status",
    },
    "kingdee": {
        "orders.order_id": "单据编号", "orders.order_date": "日期", "orders.customer": "客户", "orders.team": "销售部门",
        "orders.rep": "销售员", "orders.status": "单据状态", "orders.product": "物料名称", "orders.quantity": "销售数量",
        "orders.amount": "金额|价税合计",
    },
    "yonyou": {
        "orders.order_id": "订单号", "orders.order_date": "订单日期", "orders.customer": "客户简称", "orders.rep": "业务员",
        "orders.product": "存货名称", "orders.quantity": "数量", "orders.amount": "无税金额|价税合计", "orders.team": "所属部门",
        "orders.currency": "币种",
    },
    "maven_crm": {
        "opportunities.opportunity_id": "opportunity_id", "opportunities.created_date": "engage_date",
        "opportunities.close_date": "close_date", "opportunities.stage": "deal_stage",
        "opportunities.status": "deal_stage", "opportunities.amount": "close_value", "opportunities.customer": "account",
        "opportunities.rep": "sales_agent", "opportunities.product": "product", "customers.customer": "account",
        "customers.industry": "sector", "products.product": "product", "products.product_line": "series",
        "products.list_price": "sales_price", "reps.rep": "sales_agent", "reps.manager": "manager",
        "reps.region": "regional_office", "reps.team": "manager",
    },
    "superstore_cn": {
        "orders.order_id": "订单 ID", "orders.line_no": "行 ID", "orders.order_date": "订单日期", "orders.amount": "销售额",
        "orders.customer": "客户 ID", "orders.team": "地区", "orders.region": "地区", "orders.product_line": "类别",
        "orders.product": "产品名称|子类别", "orders.customer_type": "细分", "orders.quantity": "数量",
        "orders.manager": "地区经理",
    },
}  # fmt: skip
"""Per folder the header that each canonical column is from, by hand; several where either would be right."""

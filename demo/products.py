"""What the company of the demo data sells, and the lines that make up an amount."""

from collections.abc import Iterable
from decimal import Decimal
from random import Random

from demo.dice import one_in
from quotes.lifecycle import NewLine
from quotes.models import Product
from quotes.totals import line_amount

# Number, name, unit, price without VAT, VAT %.
CATALOGUE = (
    ("HP-AIR-12", "Heat pump, air to water, 12 kW", "pc", 84_900, 25),
    ("HP-GND-30", "Heat pump, ground source, 30 kW", "pc", 268_000, 25),
    ("VENT-500", "Ventilation unit with heat recovery, 500 m³/h", "pc", 46_500, 25),
    ("SOL-430", "Solar panel, 430 W", "pc", 1_890, 25),
    ("SOL-INV-10", "Inverter, 10 kW", "pc", 18_400, 25),
    ("BAT-15", "Battery, 15 kWh", "pc", 79_000, 25),
    ("LED-600", "LED panel, 60 × 60 cm, with driver", "pc", 690, 25),
    ("CHG-22", "Charging point, 22 kW", "pc", 12_900, 25),
    ("MTR-3P", "Energy meter, three phases", "pc", 2_350, 25),
    ("CTRL-BAS", "Controller for building automation", "pc", 14_200, 25),
    ("SRV-YEAR", "Service agreement, one year", "year", 9_600, 25),
    ("ENG-HOUR", "Engineering", "hour", 1_350, 25),
    ("INST-HOUR", "Installation", "hour", 980, 25),
    ("TRAVEL", "Travel and transport", "day", 2_400, 12),
    ("OLD-OIL", "Oil burner, 40 kW", "pc", 39_000, 25),
)
WITHDRAWN = "OLD-OIL"
REST = ("Mounting, commissioning and documentation", "Materials and adaptation on site")
MOST_SHARE = Decimal("0.7")  # of the amount that goes to products
MOST_PRODUCTS = 4


def create_products() -> list[Product]:
    """Create the catalogue; what is withdrawn is blocked. Return what may be sold."""
    for number, name, unit, price, vat in CATALOGUE:
        Product.objects.create(
            number=number,
            name=name,
            unit=unit,
            price=Decimal(price),
            vat_percent=Decimal(vat),
            is_blocked=number == WITHDRAWN,
        )
    return list(Product.objects.usable().order_by("number"))


def lines_for(random: Random, products: Iterable[Product], amount: Decimal) -> list[NewLine]:
    """Return lines that add up to `amount`: some products, and the rest as a text."""
    rest, lines = amount, []
    fitting = [product for product in products if product.price * 2 < amount]
    for product in random.sample(fitting, min(len(fitting), random.randint(1, MOST_PRODUCTS))):
        most = int(min(rest - 1, amount * MOST_SHARE / 2) / product.price)
        if most < 1:
            continue
        quantity = Decimal(random.randint(1, min(most, 40)))
        discount = Decimal(random.choice((5, 10, 15)) if one_in(random, 4) else 0)
        rest -= line_amount(quantity, product.price, discount)
        lines.append(NewLine(product=product, quantity=quantity, discount_percent=discount))
    return [*lines, NewLine(text=random.choice(REST), price=rest)]

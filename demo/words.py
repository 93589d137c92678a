"""Names of people and places, from which contacts are made."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of `text`."""
    return tuple(text.split())


WOMEN = words("""
Anne Inger Kari Marit Ingrid Liv Eva Astrid Bjørg Hilde Anna Solveig Marianne Randi Ida Nina
Bente Sissel Elisabeth Kristin Silje Hanne Camilla Åse Berit Tone Wenche Gunn Turid Maria Linda
Maren Julie Emma Thea Nora Sara Ragnhild Sigrid Guro Ingeborg Synnøve Torill Grete Heidi Laila
Mari Marte Oda Åshild Jorunn Vilde Frida Hedda Sunniva Tiril Gro Else Unni Rønnaug Ellinor Hege
Anette Cecilie Trine Lene Line Monica Siri Ellen Vigdis Borghild Dagny Ruth Målfrid Karoline
""")  # fmt: skip
MEN = words("""
Jan Per Bjørn Ole Lars Kjell Knut Arne Svein Thomas Hans Geir Tor Morten Terje Odd Erik Martin
Anders Andreas John Rune Trond Tore Daniel Jon Kristian Espen Gunnar Stian Håkon Øyvind Magnus
Sverre Einar Leif Harald Rolf Steinar Frode Helge Jørgen Sindre Eirik Øystein Ståle Åge Pål Olav
Torstein Vegard Henrik Jonas Sander Emil Filip Mathias Tobias Sigurd Aksel Brage Eskil Gaute
Halvor Ivar Jarle Ketil Marius Njål Oddvar Ragnar Sjur Tarjei Ulrik Viggo Yngve Ørjan Asbjørn
""")  # fmt: skip
SURNAMES = words("""
Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen
Eriksen Berg Haugen Hagen Johannessen Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund
Sørensen Jakobsen Moen Gundersen Iversen Strand Solberg Svendsen Eide Knutsen Martinsen Paulsen
Bakken Kristoffersen Mathisen Lie Amundsen Nguyen Rasmussen Lunde Solheim Bakke Nygård Fredriksen
Moe Holm Lien Andresen Christensen Hauge Knudsen Nielsen Evensen Sæther Aas Myhre Hanssen Haugland
Thomassen Sivertsen Simonsen Danielsen Berge Ali Sandvik Rønning Arnesen Næss Vik Antonsen Haug
Ellingsen Edvardsen Thorsen Vold Isaksen Gulbrandsen Ruud Strøm Aune Tveit Myklebust Ødegård
Eliassen Jenssen Engen Bøe Aasen Hermansen Birkeland Mikkelsen Ahmed Helland Wold Tangen Hovland
Brekke Bråthen Gjerde Abrahamsen Nygaard Bergersen Skaar Holmen Sætre Myrvold Fossum Østby Skogen
Våge Åsheim Ånensen Kvam Rød Sørlie Tømmervik Øverland Grønli Kjærstad Bjørnstad Fjeld Mæland
Teigland Rognerud Storhaug Vestby Uthaug Ytterdal Kleppe Langeland Frøyland Espedal Nesse Sundby
Lindqvist Schröder Kowalska Müller Dubois O’Connor Papadopoulos Novák Jóhannsdóttir Virtanen
""")  # fmt: skip
FOREIGN_NAMES = {
    "DE": (("Jürgen", "Sabine", "Katharina", "Uwe"), ("Schröder", "Weiß", "Krämer", "Hoffmann")),
    "SE": (("Gösta", "Åsa", "Björn", "Linnéa"), ("Lindqvist", "Åkesson", "Öberg", "Sjöström")),
    "DK": (("Søren", "Mette", "Jeppe", "Birgitte"), ("Kjær", "Nørgaard", "Møller", "Ravn")),
    "FI": (("Päivi", "Juhani", "Aino", "Väinö"), ("Mäkinen", "Hämäläinen", "Koskela", "Virtanen")),
    "GB": (("Fiona", "Graham", "Siobhan", "Alistair"), ("Whitcombe", "O’Connor", "Pryce", "Reid")),
    "PL": (("Agnieszka", "Łukasz", "Paweł", "Małgorzata"), ("Wójcik", "Kamińska", "Dąbrowski")),
    "FR": (("Hélène", "François", "Zoé", "Benoît"), ("Lefèvre", "Dubois", "Garçon", "Besnard")),
    "NL": (("Joost", "Anouk", "Pieter", "Saskia"), ("van der Velde", "de Graaf", "Bakker")),
    "IS": (("Guðrún", "Þór", "Sigríður", "Ragnar"), ("Jóhannsdóttir", "Ægisson", "Þorláksson")),
}
# Post code and town, with the prefix of a phone number there.
TOWNS = (
    ("0151", "Oslo", "22"), ("0585", "Oslo", "23"), ("1366", "Lysaker", "67"),
    ("1473", "Lørenskog", "67"), ("1532", "Moss", "69"), ("1605", "Fredrikstad", "69"),
    ("2000", "Lillestrøm", "63"), ("2317", "Hamar", "62"), ("2815", "Gjøvik", "61"),
    ("3015", "Drammen", "32"), ("3110", "Tønsberg", "33"), ("3210", "Sandefjord", "33"),
    ("3724", "Skien", "35"), ("4013", "Stavanger", "51"), ("4612", "Kristiansand", "38"),
    ("4836", "Arendal", "37"), ("5003", "Bergen", "55"), ("5353", "Straume", "56"),
    ("5525", "Haugesund", "52"), ("5700", "Voss", "56"), ("6003", "Ålesund", "70"),
    ("6413", "Molde", "71"), ("6800", "Førde", "57"), ("7010", "Trondheim", "73"),
    ("7500", "Stjørdal", "74"), ("7713", "Steinkjer", "74"), ("8006", "Bodø", "75"),
    ("8514", "Narvik", "76"), ("9008", "Tromsø", "77"), ("9510", "Alta", "78"),
)  # fmt: skip
STREETS = (
    "Storgata", "Kirkegata", "Strandgata", "Industriveien", "Havnegata", "Fjordveien",
    "Skoleveien", "Nygata", "Bryggegata", "Elvegata", "Sjøgata", "Torggata", "Stasjonsveien",
    "Dronningens gate", "Kongens gate", "Øvre Slottsgate", "Åsveien", "Verkstedveien",
    "Møllergata", "Nedre Brubakken", "Sørliveien", "Østerdalsgata",
)  # fmt: skip
COUNTRYSIDE = words("""
Sørvåg Nordvik Østlia Fjellstad Granåsen Bjørkevoll Holmsund Lyngsnes Rødtangen Kvernås Ytterøy
Tømmerneset Åsgårdsmyr Furuheim Sandnessund Hærfjord Skårvik Mælum Ådalsbruk Grønnskag Bølerud
Vestfossdal Sjøholt Fagerbakk Løkenås Tverrelvdal Nesøyvåg Kråkstad Ørnes Vikebygd
""")  # fmt: skip
JOB_TITLES = (
    "Managing director", "Head of property", "Property manager", "Technical manager",
    "Operations manager", "Purchaser", "Head of purchasing", "Project manager", "Finance manager",
    "Chair of the board", "Caretaker", "Site manager", "Energy adviser", "Construction manager",
    "Environmental coordinator", "Chief engineer", "Office manager", "Head of maintenance",
)  # fmt: skip

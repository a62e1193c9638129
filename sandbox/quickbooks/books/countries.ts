// QuickBooks gives a country back as ISO 3166 alpha-3 whatever was written; what it does not know stays as it is.

const CODES =
  'AE:ARE AR:ARG AT:AUT AU:AUS BE:BEL BG:BGR BR:BRA CA:CAN CH:CHE CL:CHL CN:CHN CY:CYP CZ:CZE DE:DEU DK:DNK EE:EST EG:EGY ES:ESP FI:FIN FR:FRA GB:GBR GR:GRC HK:HKG HR:HRV HU:HUN ID:IDN IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN KE:KEN KR:KOR LI:LIE LT:LTU LU:LUX LV:LVA MT:MLT MX:MEX MY:MYS NG:NGA NL:NLD NO:NOR NZ:NZL PH:PHL PK:PAK PL:POL PT:PRT RO:ROU RS:SRB SA:SAU SE:SWE SG:SGP SI:SVN SK:SVK TH:THA TR:TUR TW:TWN UA:UKR US:USA VN:VNM ZA:ZAF';

const alpha3ByAlpha2 = new Map(CODES.split(' ').map((pair) => pair.split(':') as [string, string]));
const englishName = new Intl.DisplayNames(['en'], { type: 'region' });
const alpha3ByName = new Map(
  [...alpha3ByAlpha2].map(([alpha2, alpha3]) => [(englishName.of(alpha2) ?? alpha2).toLowerCase(), alpha3]),
);
const OTHER_NAMES = new Map([
  ['uk', 'GBR'],
  ['england', 'GBR'],
  ['united states of america', 'USA'],
  ['u.s.a.', 'USA'],
]);

export const countryAsStored = (written: string): string => {
  const text = written.trim();
  const lower = text.toLowerCase();
  return alpha3ByAlpha2.get(text.toUpperCase()) ?? alpha3ByName.get(lower) ?? OTHER_NAMES.get(lower) ?? text;
};

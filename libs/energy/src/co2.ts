/** CO2 of an energy, kg, from the emission factor of the electricity bought, g/kWh. */
export function co2Kg(energyWh: number, co2GPerKwh: number): number {
  return (energyWh / 1000) * (co2GPerKwh / 1000);
}
